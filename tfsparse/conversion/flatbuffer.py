# SPDX-License-Identifier: Apache-2.0
"""Reads and writes `.tflite` files as the object tree `ModelT` of the schema."""

from __future__ import annotations

import copy
import os
from pathlib import Path

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion.bounds import GuardedBytes, check_bounds
from tfsparse.conversion.validation import validate
from tfsparse.errors import ConversionError, ModelFormatError

FILE_IDENTIFIER = b"TFL3"
MAX_BYTES = 2**31 - 1
"""A FlatBuffer addresses its parts with 32 bits, and the builder stops at 2 GiB."""

_ALIGNMENT = 64
"""Weights start on a cache line: the schema asks for 16 bytes, vector loads like 64."""


def read_model(path_or_bytes: str | os.PathLike[str] | bytes) -> schema.ModelT:
    """Reads a `.tflite` model and checks it so far that neither our code nor an interpreter falls over it.

    Every offset and length is checked against the bytes, then the graph itself: indices, shapes, sizes of constants,
    the order of the operators, and the options of tfsparse's own operators.

    Args:
        path_or_bytes: Path of a file, or its content.

    Returns:
        The model. Its arrays are read-only views of the bytes.

    Raises:
        ModelFormatError: there is no such file, or it is truncated, damaged, or of another format.
    """
    source, data = _load(path_or_bytes)
    if len(data) < 8 or bytes.__getitem__(data, slice(4, 8)) != FILE_IDENTIFIER:
        raise ModelFormatError(
            f"{source} is not a .tflite model.",
            expected="a FlatBuffer with the identifier 'TFL3' at byte 4",
            received=f"{len(data)} bytes that start with {bytes.__getitem__(data, slice(0, 8))!r}",
        )
    try:
        check_bounds(data)
        model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(data, 0))
    except Exception as error:  # the bindings raise whatever they stumble over: struct.error, TypeError, ...
        raise ModelFormatError(
            f"{source} is damaged or truncated.",
            expected="a FlatBuffer whose parts lie inside the file",
            received=f"{len(data)} bytes, of which one part is out of bounds ({error})",
        ) from error
    validate(model, source, len(data))
    return model


def serialize(model: schema.ModelT) -> bytes:
    """The bytes of a `.tflite` file, each constant aligned to 64 bytes.

    Args:
        model: The model. It is left as it is.

    Returns:
        The content of the file.

    Raises:
        ConversionError: the constants add up to 2 GiB or more.
    """
    size = sum(len(buffer.data) for buffer in model.buffers if buffer.data is not None)
    if size > MAX_BYTES - 2**20:
        raise ConversionError(
            "The model is too large for a .tflite file.",
            expected="weights of less than 2 GiB",
            received=f"{size} bytes of weights",
            remedy="Convert it in parts.",
        )
    aligned = copy.copy(model)
    aligned.buffers = [_AlignedBuffer(buffer.data) for buffer in model.buffers]
    builder = flatbuffers.Builder(size + 1024 * len(model.buffers) + 65536)
    builder.Finish(aligned.Pack(builder), file_identifier=FILE_IDENTIFIER)
    return bytes(builder.Output())


class _AlignedBuffer(schema.BufferT):
    def Pack(self, builder: flatbuffers.Builder) -> int:  # noqa: N802 (the name is the schema compiler's)
        if self.data is not None:
            builder.Prep(_ALIGNMENT, len(self.data))
        return super().Pack(builder)


def _load(path_or_bytes: str | os.PathLike[str] | bytes) -> tuple[str, GuardedBytes]:
    """What to call the model in an error, and its bytes."""
    if isinstance(path_or_bytes, (bytes, bytearray, memoryview)):
        return "The model", GuardedBytes(path_or_bytes)
    path = Path(path_or_bytes)
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ModelFormatError(f"{path} is too large.", expected="less than 2 GiB", received=f"{size} bytes")
        return str(path), GuardedBytes(path.read_bytes())
    except OSError as error:
        raise ModelFormatError(
            f"{path} cannot be read.", expected="a readable .tflite file", received=error.strerror or str(error)
        ) from error
