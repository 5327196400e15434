# SPDX-License-Identifier: Apache-2.0
"""What a model asks of the native library."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

from tfsparse.errors import ModelFormatError, RuntimeUnavailableError
from tfsparse.ops import OP_VERSION, WINNER_OPS
from tfsparse.runtime.library import NativeLibrary

_CUSTOM_CODE_PREFIX = b"TfSparse"


def required_op_version(model: str | os.PathLike[str] | bytes) -> int:
    """Checks that a model is sound, and finds the newest version of the winner operators in it.

    Where the package ai-edge-litert is missing, and with it the schema of the format, the model is not checked; the
    interpreter and the native library still refuse what they cannot run.

    Args:
        model: Path of a `.tflite` file, or its content.

    Returns:
        The version, or 0 where the model has no winner operator and needs no library.

    Raises:
        ModelFormatError: The file is missing, damaged, or no `.tflite` model.
    """
    if importlib.util.find_spec("ai_edge_litert") is None:
        return OP_VERSION if _CUSTOM_CODE_PREFIX in _content(model) else 0
    from tfsparse.conversion.flatbuffer import read_model

    codes = read_model(model).operatorCodes
    return max((code.version for code in codes if _name(code.customCode) in WINNER_OPS), default=0)


def require_op_version(library: NativeLibrary, op_version: int) -> None:
    """Raises `RuntimeUnavailableError` if the library is older than the version that a model asks for."""
    if library.op_version < op_version:
        raise RuntimeUnavailableError(
            f"The native library {library.path} is too old for this model.",
            expected=f"a library that runs version {op_version} of the winner operators",
            received=f"one that runs up to version {library.op_version}",
            remedy="Update it (pip install --upgrade tfsparse), or convert the model with the older tfsparse.",
        )


def _name(custom_code: bytes | str | None) -> str | None:
    return custom_code.decode(errors="replace") if isinstance(custom_code, bytes) else custom_code


def _content(model: str | os.PathLike[str] | bytes) -> bytes:
    if isinstance(model, bytes):
        return model
    try:
        return Path(model).read_bytes()
    except OSError as error:
        raise ModelFormatError(
            f"{model} cannot be read.", expected="a readable .tflite file", received=error.strerror or str(error)
        ) from error
