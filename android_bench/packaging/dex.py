# SPDX-License-Identifier: Apache-2.0
"""Classes to Android's bytecode, kept in a zip file by the names that an APK has it by."""

from __future__ import annotations

import re
from pathlib import Path

from android_bench.packaging.archives import replacing
from android_bench.packaging.tools import fetched, java_home, run, run_java

MIN_API = 23  # Android 6, the oldest that the app and the delegate support


def shrink(bytecode: Path, classes: list[Path], rules: list[Path], mapping: Path) -> None:
    """Writes bytecode of what the rules keep and of what that reaches.

    Args:
        bytecode: The zip file to write.
        classes: Jars.
        rules: Files of ProGuard rules.
        mapping: Where to write what became of the names and lines, for reading stack traces.
    """
    configured = [argument for path in rules for argument in ("--pg-conf", path)]
    with replacing(mapping) as temporary:
        _run("R8", bytecode, "--pg-map-output", temporary, *configured, *classes)


def translate(bytecode: Path, classes: list[Path], classpath: list[Path]) -> None:
    """Writes bytecode of all classes in jars, which use those on the class path."""
    _run("D8", bytecode, *(argument for path in classpath for argument in ("--classpath", path)), *classes)


def defined_classes(bytecode: Path) -> set[str]:
    """The names of the classes in bytecode, read back by Android's own reader."""
    dump = run("dexdump", "-l", "plain", bytecode)
    return {name.replace("/", ".") for name in re.findall(r"Class descriptor  : 'L([^;]+);'", dump)}


def _run(program: str, bytecode: Path, *arguments: str | Path) -> None:
    # Robolectric's android-all has no java.lang: that part comes from the JDK.
    android: list[str | Path] = ["--min-api", str(MIN_API), "--lib", fetched("android-all.jar"), "--lib", java_home()]
    with replacing(bytecode) as temporary:
        main_class = f"com.android.tools.r8.{program}"
        run_java([fetched("r8.jar")], main_class, "--release", *android, "--output", temporary, *arguments)
