# SPDX-License-Identifier: Apache-2.0
"""Resources, assets and a manifest to the binary forms that Android reads."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from android_bench.packaging.archives import replacing
from android_bench.packaging.tools import PackagingError, fetched, run

NEWER_ELEMENTS = ("<uses-native-library>",)  # of manifests: Debian's aapt2 keeps them, but does not know them


@dataclass(frozen=True)
class LinkedResources:
    """What aapt2 makes, below one folder."""

    folder: Path

    @property
    def archive(self) -> Path:
        """The binary manifest, the resources and the assets: an APK without code."""
        return self.folder / "resources.apk"

    @property
    def java(self) -> Path:
        """The folder with the class `R`."""
        return self.folder / "java"

    @property
    def keep_rules(self) -> Path:
        """Rules that keep the classes which manifest and layouts name."""
        return self.folder / "keep-rules.pro"


def link(manifest: Path, folder: Path, *, resources: Path | None = None, assets: Path | None = None) -> LinkedResources:
    """Compiles and links resources.

    Args:
        manifest: The manifest, complete.
        folder: Where to put what is made; see `LinkedResources`.
        resources: The folder `res`.
        assets: A folder of files that go into the archive as they are; one that does not exist is empty.
    """
    linked = LinkedResources(folder)
    with tempfile.TemporaryDirectory() as temporary, replacing(linked.archive) as archive:
        compiled = Path(temporary) / "compiled.zip"
        inputs: list[str | Path] = []
        if resources is not None:
            run("aapt2", "compile", "--dir", resources, "-o", compiled)
            inputs.append(compiled)
        if assets is not None and assets.is_dir():
            inputs += ["-A", assets]
        # Models stay uncompressed, so that they can be mapped into memory.
        output: list[str | Path] = [
            "--java",
            linked.java,
            "--proguard",
            linked.keep_rules,
            "-0",
            ".tflite",
            "-o",
            archive,
        ]
        validation = "--warn-manifest-validation"
        android = fetched("android-all.jar")
        _check_warnings(run("aapt2", "link", "-I", android, validation, "--manifest", manifest, *output, *inputs))
    return linked


def _check_warnings(said: str) -> None:
    """Lets only those pass that are about what came after this aapt2."""
    warnings = [text for text in re.findall(r"warn: (.*)", said) if not any(name in text for name in NEWER_ELEMENTS)]
    if warnings:
        raise PackagingError("aapt2 warns of a manifest or a resource.", received="; ".join(warnings))
