# SPDX-License-Identifier: Apache-2.0
"""The delegate's AAR: what an app adds to its `libs` folder."""

from __future__ import annotations

from pathlib import Path

from android_bench.packaging.archives import Entry, write_zip
from android_bench.packaging.dex import MIN_API
from android_bench.packaging.libraries import DELEGATE_LIBRARY, delegate_library
from android_bench.packaging.paths import NATIVE

PACKAGE = "dev.tfsparse.delegate"
METADATA = "META-INF/com/android/build/gradle/aar-metadata.properties"


def build_aar(aar: Path, *, classes: Path, rules: Path, licence: Path, abis: list[str], native: Path = NATIVE) -> None:
    """Writes the AAR with the delegate's classes and its native libraries.

    Args:
        aar: The AAR to write.
        classes: The jar of the delegate's classes.
        rules: The ProGuard rules that apps which shrink must keep to.
        licence: The text of the licence.
        abis: The processors to bring native libraries for.
        native: The folder with the native libraries, one folder per ABI.
    """
    manifest = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="{PACKAGE}">\n'
        f'    <uses-sdk android:minSdkVersion="{MIN_API}" />\n'
        "</manifest>\n"
    )
    metadata = f"aarFormatVersion=1.0\naarMetadataVersion=1.0\nminCompileSdk={MIN_API}\n"
    write_zip(
        aar,
        [
            Entry("AndroidManifest.xml", manifest.encode()),
            Entry("classes.jar", classes.read_bytes()),
            Entry("R.txt", b""),
            Entry("proguard.txt", rules.read_bytes()),
            Entry("LICENSE", licence.read_bytes()),
            Entry(METADATA, metadata.encode()),
            *(Entry(f"jni/{abi}/{DELEGATE_LIBRARY}", delegate_library(abi, native)) for abi in abis),
        ],
    )
