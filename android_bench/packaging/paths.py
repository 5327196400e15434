# SPDX-License-Identifier: Apache-2.0
"""Where the sources of the Android half lie and where what is built from them goes."""

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
APP = REPOSITORY / "android_bench" / "app"
DELEGATE = REPOSITORY / "android_bench" / "delegate"

BUILT = REPOSITORY / "build" / "android"
ASSETS = BUILT / "assets"
NATIVE = BUILT / "native"

WORK = BUILT / "packaging"
FETCHED = WORK / "fetched"
