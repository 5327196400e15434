# SPDX-License-Identifier: Apache-2.0
"""What must be inside of an APK before it is signed: a signature says nothing of missing code."""

from __future__ import annotations

from android_bench.packaging.tools import PackagingError

ENTRY_POINTS = {
    "dev.tfsparse.delegate.TfSparseDelegate",
    "dev.tfsparse.delegate.NativeDelegate",
    "org.tensorflow.lite.Interpreter",
    "org.tensorflow.lite.NativeInterpreterWrapper",
}


def require_classes(needed: set[str], defined: set[str]) -> None:
    """Raises unless all needed classes are defined."""
    missing = sorted(needed - defined)
    if missing:
        raise PackagingError("Classes are missing in the bytecode.", received=", ".join(missing))
