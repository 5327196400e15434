# SPDX-License-Identifier: Apache-2.0
"""The libraries that an APK consists of besides its own classes: TensorFlow Lite's and the delegate's native one."""

from __future__ import annotations

from pathlib import Path

from android_bench.packaging.archives import PAGE, Entry, read_zip, replacing
from android_bench.packaging.paths import WORK
from android_bench.packaging.tools import PackagingError, fetched

ABIS = ("arm64-v8a", "armeabi-v7a", "x86_64")
DELEGATE_LIBRARY = "libtfsparse_jni.so"
TENSORFLOW_LITE = (
    "tensorflow-lite.aar",
    "tensorflow-lite-api.aar",
    "tensorflow-lite-gpu.aar",
    "tensorflow-lite-gpu-api.aar",
)


def tensorflow_lite_classes() -> list[Path]:
    """The jars inside of TensorFlow Lite's AARs."""
    return _extracted("classes.jar")


def tensorflow_lite_rules() -> list[Path]:
    """The ProGuard rules that TensorFlow Lite's AARs bring."""
    return _extracted("proguard.txt")


def tensorflow_lite_manifests() -> list[Path]:
    """The manifests of TensorFlow Lite's AARs."""
    return _extracted("AndroidManifest.xml")


def tensorflow_lite_libraries(abi: str) -> list[Entry]:
    """TensorFlow Lite's native libraries for an ABI, as entries of an APK."""
    entries = []
    for aar in TENSORFLOW_LITE:
        for name, data in read_zip(fetched(aar)).items():
            if name.startswith(f"jni/{abi}/"):
                entries.append(Entry(name.replace("jni/", "lib/", 1), data, PAGE))
    if not entries:
        raise PackagingError(f"TensorFlow Lite has no native library for {abi}.", expected=f"one of {', '.join(ABIS)}")
    return entries


def delegate_library(abi: str, folder: Path) -> bytes:
    """The delegate's native library for an ABI, from a folder with one folder per ABI."""
    path = folder / abi / DELEGATE_LIBRARY
    if not path.is_file():
        raise PackagingError(f"{path} is missing.", remedy="Run: make android-native")
    return path.read_bytes()


def _extracted(name: str) -> list[Path]:
    """A file of each of TensorFlow Lite's AARs that has it, on the disk."""
    paths = []
    for aar in TENSORFLOW_LITE:
        data = read_zip(fetched(aar)).get(name)
        if data is not None:
            path = WORK / "aars" / Path(aar).stem / name
            with replacing(path) as temporary:
                temporary.write_bytes(data)
            paths.append(path)
    return paths
