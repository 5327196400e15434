# SPDX-License-Identifier: Apache-2.0
"""Kotlin, and the Java that the resources come with, to a jar of classes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from android_bench.packaging.archives import folder_entries, write_zip
from android_bench.packaging.tools import PackagingError, fetched, join, run, run_java

COMPILER = [
    "kotlin-compiler-embeddable.jar",
    "kotlin-stdlib.jar",
    "kotlin-script-runtime.jar",
    "kotlin-daemon-embeddable.jar",
    "kotlin-reflect.jar",
    "kotlinx-coroutines-core-jvm.jar",
    "trove4j.jar",
    "annotations.jar",
]
JAVA_VERSION = "1.8"  # Java's own classes as Android has them


def compile_kotlin(
    jar: Path, sources: list[Path], *, module: str, classpath: list[Path], java: Path | None = None
) -> None:
    """Compiles folders of Kotlin into a jar.

    Args:
        jar: What to write.
        sources: Folders with `.kt` files.
        module: The name of the Kotlin module: what `internal` ends at.
        classpath: Jars that the sources use, besides Kotlin's own.
        java: A folder with `.java` files that the sources use and that go into the jar, too.
    """
    if not any(path for folder in sources for path in folder.rglob("*.kt")):
        raise PackagingError("There is no Kotlin file to compile.", received=", ".join(map(str, sources)))
    libraries = [*classpath, fetched("kotlin-stdlib.jar")]
    with tempfile.TemporaryDirectory() as temporary:
        classes = Path(temporary)
        run_java(
            [fetched(name) for name in COMPILER],
            "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler",
            *("-no-stdlib", "-no-reflect", "-jvm-target", JAVA_VERSION, f"-Xjdk-release={JAVA_VERSION}"),
            *("-module-name", module, "-cp", join(libraries), "-d", classes),
            *sources,
            *([java] if java else []),
        )
        if java is not None:
            _compile_java(java, classes, libraries)
        write_zip(jar, folder_entries(classes))


def _compile_java(sources: Path, classes: Path, classpath: list[Path]) -> None:
    files = sorted(sources.rglob("*.java"))
    run(
        "javac",
        *("-Xlint:-options", "--release", "8", "-encoding", "UTF-8", "-proc:none"),
        *("-cp", join([classes, *classpath]), "-d", classes),
        *files,
    )
