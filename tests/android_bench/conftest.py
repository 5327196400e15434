# SPDX-License-Identifier: Apache-2.0
"""Builds what the tests of the Android packages look at, as a user does: with make."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from android_bench.packaging.libraries import ABIS
from android_bench.packaging.paths import BUILT, REPOSITORY, WORK
from android_bench.packaging.tools import DEBIAN_PACKAGES

OWN_KEY = ("KEYSTORE", "KEYSTORE_PASSWORD", "KEY_ALIAS", "KEY_PASSWORD")


@pytest.fixture(autouse=True, scope="session")
def debug_key():
    """Signs with the debug key, whatever the caller's environment names."""
    with pytest.MonkeyPatch.context() as patch:
        for name in OWN_KEY:
            patch.delenv(name, raising=False)
        yield


def make(*targets):
    """Makes targets, or skips the test where a program for it is not installed."""
    missing = [program for program in (*DEBIAN_PACKAGES, "mvn") if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    environment = {
        name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")
    }
    done = subprocess.run(
        ["make", *map(str, targets)], cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert done.returncode == 0, done.stdout.decode()


@pytest.fixture(scope="session")
def apk():
    """The benchmark app, for the processors that it was last made for."""
    path, settings = BUILT / "tfsparse-bench.apk", WORK / "settings"
    asked = settings.read_text().split() if settings.is_file() else []
    abis = [word for word in asked if word in ABIS]
    if abis != asked and path.is_file() and path.stat().st_mtime >= settings.stat().st_mtime:
        pytest.skip(f"{path} is signed with a key of yours; make apk to test without")
    make("apk", *([f"ABIS={' '.join(abis)}"] if abis else []))
    return path


@pytest.fixture(scope="session")
def farm_apk(apk):
    """The APK by which device farms run the benchmark app."""
    return BUILT / "tfsparse-bench-test.apk"


@pytest.fixture(scope="session")
def aar():
    """The delegate for other apps."""
    make("aar")
    return BUILT / "tfsparse-delegate.aar"


@pytest.fixture(scope="session")
def checks():
    """A folder with what checks the packages."""
    make(WORK.relative_to(REPOSITORY) / "checks" / ".complete")
    return WORK / "checks"


@pytest.fixture(scope="session")
def gradle_apis():
    """A folder with the APIs that Gradle's scripts call."""
    make(WORK.relative_to(REPOSITORY) / "gradle" / ".complete", "android-fetch")
    return WORK / "gradle"
