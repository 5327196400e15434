# SPDX-License-Identifier: Apache-2.0
"""Builds small `.tflite` models by hand, right ones and wrong ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from tfsparse.ops import OPTIONS_FORMAT, WinnerOp

ABSENT = -1
"""Stands for an optional input that is left out."""

_TYPES = {np.dtype(np.float32): 0, np.dtype(np.int32): 2, np.dtype(np.uint8): 3, np.dtype(np.int64): 4}


def options_of(op: WinnerOp, **changes: Any) -> dict[str, Any]:
    """The option map of an operator; `changes` replace, add or (None) drop entries."""
    options = {"format": OPTIONS_FORMAT, **dataclasses.asdict(op), **changes}
    return {key: value for key, value in options.items() if value is not None}


def encode(options: dict[str, Any]) -> bytes:
    """A FlexBuffer map."""
    builder = flexbuffers.Builder()
    with builder.Map():
        for key, value in options.items():
            builder.Key(key)
            builder.Add(value)
    return bytes(builder.Finish())


class ModelBuilder:
    """Tensors and operators of one subgraph; every method that adds a tensor returns its index."""

    def __init__(self) -> None:
        self._buffers = [schema.BufferT()]
        self._tensors: list[schema.TensorT] = []
        self._inputs: list[int] = []
        self._codes: list[schema.OperatorCodeT] = []
        self._operators: list[schema.OperatorT] = []

    def tensor(self, shape: Sequence[int], dtype: Any = np.float32) -> int:
        """A tensor that is computed; dimensions of -1 are left open."""
        tensor = schema.TensorT()
        tensor.name = f"tensor_{len(self._tensors)}"
        tensor.shape = [abs(dim) for dim in shape]
        if -1 in shape:
            tensor.shapeSignature = list(shape)
        tensor.type = _TYPES[np.dtype(dtype)]
        tensor.buffer = 0
        self._tensors.append(tensor)
        return len(self._tensors) - 1

    def input(self, shape: Sequence[int], dtype: Any = np.float32) -> int:
        """An input of the model."""
        index = self.tensor(shape, dtype)
        self._inputs.append(index)
        return index

    def constant(self, array: np.ndarray) -> int:
        """A constant of the model."""
        index = self.tensor(array.shape, array.dtype)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(np.ascontiguousarray(array).tobytes(), np.uint8)
        self._buffers.append(buffer)
        self._tensors[index].buffer = len(self._buffers) - 1
        return index

    def custom(self, name: str, inputs: Sequence[int], outputs: Sequence[int], options: bytes) -> None:
        """A custom operator."""
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        code.customCode = name
        operator = self._add(code, inputs, outputs)
        operator.customOptions = np.frombuffer(options, np.uint8)
        operator.customOptionsFormat = schema.CustomOptionsFormat.FLEXBUFFERS

    def winner_op(self, op: WinnerOp, inputs: Sequence[int], outputs: Sequence[int], **changes: Any) -> None:
        """One of our operators; `changes` to its options make a wrong one."""
        self.custom(op.NAME, inputs, outputs, encode(options_of(op, **changes)))

    def relu(self, source: int, target: int) -> None:
        """RELU, an operator of the runtime's own."""
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.RELU
        self._add(code, [source], [target])

    def reshape(self, source: int, shape: int, target: int) -> None:
        """RESHAPE to what the tensor `shape` holds at run time."""
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.RESHAPE
        self._add(code, [source, shape], [target])

    def finish(self, outputs: Sequence[int]) -> bytes:
        """The model with these outputs."""
        subgraph = schema.SubGraphT()
        subgraph.tensors, subgraph.operators = self._tensors, self._operators
        subgraph.inputs, subgraph.outputs = self._inputs, list(outputs)
        model = schema.ModelT()
        model.version = 3
        model.operatorCodes, model.subgraphs, model.buffers = self._codes, [subgraph], self._buffers
        builder = flatbuffers.Builder(1024)
        builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
        return bytes(builder.Output())

    def _add(self, code: schema.OperatorCodeT, inputs: Sequence[int], outputs: Sequence[int]) -> schema.OperatorT:
        self._codes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self._codes) - 1
        operator.inputs, operator.outputs = list(inputs), list(outputs)
        self._operators.append(operator)
        return operator
