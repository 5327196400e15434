# SPDX-License-Identifier: Apache-2.0
"""Running the programs that packaging consists of, and saying which Debian package lacks when one is not there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from android_bench.packaging.paths import FETCHED
from tfsparse.errors import TfsparseError

DEBIAN_PACKAGES = {
    "aapt2": "aapt",
    "apksigner": "apksigner",
    "dexdump": "dexdump",
    "jar": "default-jdk-headless",
    "java": "default-jdk-headless",
    "javac": "default-jdk-headless",
    "keytool": "default-jdk-headless",
    "zipalign": "zipalign",
}


class PackagingError(TfsparseError):
    """The APK or the AAR could not be made."""


def run(program: str, *arguments: str | Path, environment: Mapping[str, str] | None = None) -> str:
    """Runs a program and returns what it printed.

    Args:
        program: One of `DEBIAN_PACKAGES`.
        arguments: Its arguments.
        environment: Variables that it gets on top of this process's.

    Raises:
        PackagingError: If the program is not installed or fails; the message ends with what it printed.
    """
    path = shutil.which(program)
    if path is None:
        raise PackagingError(f"{program} is not installed.", remedy=f"Run: apt install {DEBIAN_PACKAGES[program]}")
    done = subprocess.run(
        [path, *map(str, arguments)], capture_output=True, text=True, env={**os.environ, **(environment or {})}
    )
    if done.returncode != 0:
        raise PackagingError(f"{program} failed with status {done.returncode}:\n{done.stderr}{done.stdout}".rstrip())
    return done.stdout + done.stderr


def run_java(classpath: list[Path], main_class: str, *arguments: str | Path) -> str:
    """Runs a Java program and returns what it printed; see `run`."""
    machine = ("-Xmx1500m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
    return run("java", *machine, "-cp", join(classpath), main_class, *arguments)


def join(paths: list[Path]) -> str:
    """A class path as Java takes it."""
    return os.pathsep.join(map(str, paths))


def java_home() -> Path:
    """The folder of the JDK whose `javac` is on the path."""
    compiler = shutil.which("javac")
    if compiler is None:
        raise PackagingError("No JDK is installed.", remedy=f"Run: apt install {DEBIAN_PACKAGES['javac']}")
    return Path(compiler).resolve().parents[1]


def fetched(name: str) -> Path:
    """A file that Maven copied into `build/android/packaging/fetched`."""
    path = FETCHED / name
    if not path.is_file():
        raise PackagingError(f"{path} is missing.", remedy="Run: make android-fetch (needs Maven and a network once)")
    return path
