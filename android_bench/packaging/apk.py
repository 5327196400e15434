# SPDX-License-Identifier: Apache-2.0
"""The app's APK, from what the steps before have made."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from android_bench.packaging import contents, libraries, signing
from android_bench.packaging.archives import PAGE, WORD, Entry, read_zip, write_zip
from android_bench.packaging.dex import defined_classes
from android_bench.packaging.manifest import component_classes
from android_bench.packaging.paths import NATIVE


def build_apk(
    apk: Path,
    *,
    unsigned: Path,
    manifest: Path,
    resources: Path,
    bytecode: Path,
    abis: list[str],
    native: Path = NATIVE,
) -> None:
    """Puts an APK together, checks what is in it, and signs it.

    Args:
        apk: The APK to write.
        unsigned: The same APK without signature, kept: its bytes depend on the sources alone.
        manifest: The manifest in text form, whose classes must be in the bytecode.
        resources: The archive of `resources.link`.
        bytecode: The zip file of `dex.shrink` or `dex.translate`.
        abis: The processors to bring native libraries for; may be empty in an APK that runs in another's process.
        native: The folder with the delegate's native libraries, one folder per ABI.
    """
    needed = component_classes(manifest) | (contents.ENTRY_POINTS if abis else set())
    contents.require_classes(needed, defined_classes(bytecode))
    write_zip(unsigned, [*_resource_entries(resources), *_bytecode_entries(bytecode), *_library_entries(abis, native)])
    signing.sign(unsigned, apk, signing.signing_key())


def _resource_entries(archive: Path) -> Iterator[Entry]:
    """What aapt2 linked; what it stored uncompressed stays so."""
    with zipfile.ZipFile(archive) as linked:
        for info in sorted(linked.infolist(), key=lambda info: info.filename):
            alignment = WORD if info.compress_type == zipfile.ZIP_STORED else None
            yield Entry(info.filename, linked.read(info), alignment)


def _bytecode_entries(bytecode: Path) -> Iterator[Entry]:
    """Without the resources of the jars that it was made of: they serve reflection on Kotlin, which nothing does."""
    for name, data in sorted(read_zip(bytecode).items()):
        if name.endswith(".dex"):
            yield Entry(name, data)


def _library_entries(abis: list[str], native: Path) -> Iterator[Entry]:
    """Uncompressed on page borders: Android 6 and later map them where they lie and need no second copy."""
    for abi in abis:
        yield Entry(f"lib/{abi}/{libraries.DELEGATE_LIBRARY}", libraries.delegate_library(abi, native), PAGE)
        yield from libraries.tensorflow_lite_libraries(abi)
