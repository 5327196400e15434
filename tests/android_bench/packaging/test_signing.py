# SPDX-License-Identifier: Apache-2.0
"""Signing with one's own key, and what is said when it cannot be used."""

from __future__ import annotations

import re
import shutil

import pytest

from android_bench.packaging import signing
from android_bench.packaging.signing import sign, signing_key
from android_bench.packaging.steps import WORK
from android_bench.packaging.tools import PackagingError, run

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def keystore(tmp_path_factory):
    if shutil.which("keytool") is None:
        pytest.skip("needs keytool")
    path = tmp_path_factory.mktemp("keys") / "own.keystore"
    run(
        "keytool",
        *("-genkeypair", "-keystore", path, "-storetype", "PKCS12", "-storepass", PASSWORD, "-alias", "own"),
        *("-keyalg", "RSA", "-keysize", "2048", "-validity", "1", "-dname", "CN=somebody"),
    )
    return path


def test_own_key_signs(apk, keystore, tmp_path):
    key = signing_key({"KEYSTORE": str(keystore), "KEYSTORE_PASSWORD": PASSWORD, "KEY_ALIAS": "own"})
    sign(WORK / "tfsparse-bench-unsigned.apk", tmp_path / "own.apk", key)
    said = run("apksigner", "verify", "--print-certs", tmp_path / "own.apk")
    assert "CN=somebody" in said


def test_wrong_password_is_refused_without_showing_it(apk, keystore, tmp_path):
    key = signing_key({"KEYSTORE": str(keystore), "KEYSTORE_PASSWORD": "wrong horse"})
    with pytest.raises(PackagingError, match="apksigner failed") as caught:
        sign(WORK / "tfsparse-bench-unsigned.apk", tmp_path / "own.apk", key)
    assert "wrong horse" not in str(caught.value)
    assert not (tmp_path / "own.apk").exists()


def test_a_key_shows_no_password(keystore):
    key = signing_key({"KEYSTORE": str(keystore), "KEYSTORE_PASSWORD": PASSWORD})
    assert PASSWORD not in repr(key)
    assert key.key_password == PASSWORD


def test_missing_keystore_is_named(tmp_path):
    with pytest.raises(PackagingError, match=re.escape(str(tmp_path / "none"))):
        signing_key({"KEYSTORE": str(tmp_path / "none"), "KEYSTORE_PASSWORD": PASSWORD})


def test_missing_password_is_named(keystore):
    with pytest.raises(PackagingError, match="KEYSTORE_PASSWORD is not set"):
        signing_key({"KEYSTORE": str(keystore)})


def test_debug_key_is_made_once(keystore, tmp_path, monkeypatch):
    monkeypatch.setattr(signing, "DEBUG_KEYSTORE", tmp_path / "debug.keystore")
    first = signing_key({})
    made = first.keystore.read_bytes()
    assert signing_key({}) == first
    assert first.keystore.read_bytes() == made
