# SPDX-License-Identifier: Apache-2.0
"""Signing: with a key of one's own that environment variables name, or with a debug key made once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from android_bench.packaging.archives import replacing
from android_bench.packaging.paths import BUILT
from android_bench.packaging.tools import PackagingError, run

DEBUG_KEYSTORE = BUILT / "debug.keystore"


@dataclass(frozen=True)
class Key:
    """A key that signs.

    Args:
        keystore: The file that holds it.
        alias: Its name there, or `None` where it is the only one.
        keystore_password: Opens the file.
        key_password: Opens the key.
    """

    keystore: Path
    alias: str | None
    keystore_password: str = field(repr=False)
    key_password: str = field(repr=False)


def signing_key(environment: Mapping[str, str] = os.environ) -> Key:
    """The key that `KEYSTORE`, `KEYSTORE_PASSWORD`, `KEY_ALIAS` and `KEY_PASSWORD` name, or the debug key without them.

    The last two may be missing: a keystore with one key, whose password is the keystore's.
    """
    keystore = environment.get("KEYSTORE")
    if not keystore:
        return _debug_key()
    if not Path(keystore).is_file():
        raise PackagingError("KEYSTORE names no file.", expected="a keystore made by keytool", received=keystore)
    password = environment.get("KEYSTORE_PASSWORD")
    if not password:
        raise PackagingError("KEYSTORE_PASSWORD is not set.", remedy="Set it to the password of the file KEYSTORE.")
    alias = environment.get("KEY_ALIAS") or None
    return Key(Path(keystore), alias, password, environment.get("KEY_PASSWORD") or password)


def sign(unsigned: Path, signed: Path, key: Key) -> None:
    """Signs an aligned APK: version 1 for Android 6, versions 2 and 3 for what came after."""
    with replacing(signed) as temporary:
        run(
            "apksigner",
            *("sign", "--ks", key.keystore, "--ks-pass", "env:TFSPARSE_KEYSTORE_PASSWORD"),
            *("--key-pass", "env:TFSPARSE_KEY_PASSWORD", *(["--ks-key-alias", key.alias] if key.alias else [])),
            *("--v1-signing-enabled", "true", "--v2-signing-enabled", "true", "--v3-signing-enabled", "true"),
            *("--v4-signing-enabled", "false", "--in", unsigned, "--out", temporary),
            environment={
                "TFSPARSE_KEYSTORE_PASSWORD": key.keystore_password,
                "TFSPARSE_KEY_PASSWORD": key.key_password,
            },
        )


def _debug_key() -> Key:
    password = "android"  # it protects nothing
    if not DEBUG_KEYSTORE.is_file():
        with replacing(DEBUG_KEYSTORE) as temporary:
            run(
                "keytool",
                *("-genkeypair", "-keystore", temporary, "-storetype", "PKCS12", "-storepass", password),
                *("-alias", "debug", "-keyalg", "RSA", "-keysize", "2048", "-validity", "10000"),
                *("-dname", "CN=tfsparse debug"),
            )
    return Key(DEBUG_KEYSTORE, "debug", password, password)
