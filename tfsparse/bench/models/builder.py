# SPDX-License-Identifier: Apache-2.0
"""Puts a `.tflite` model together, tensor by tensor and operator by operator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.op_codec import encode_options

_SCHEMA_VERSION = 3
_TYPES = {np.dtype(np.float32): schema.TensorType.FLOAT32, np.dtype(np.int32): schema.TensorType.INT32}


class ModelBuilder:
    """One graph in the making. Tensors are called by the index that the method which added them returned.

    Example:

    >>> builder = ModelBuilder()
    >>> x = builder.input("x", (1, 4))
    >>> y = builder.tensor("y", (1, 4))
    >>> builder.builtin("RELU", [x], [y])
    >>> len(builder.finish([y])) > 0
    True
    """

    def __init__(self) -> None:
        self._graph = schema.SubGraphT()
        self._graph.tensors, self._graph.operators = [], []
        self._model = schema.ModelT()
        self._model.version, self._model.subgraphs = _SCHEMA_VERSION, [self._graph]
        self._model.buffers, self._model.operatorCodes = [schema.BufferT()], []
        self._codes: dict[str, int] = {}
        self._inputs: list[int] = []

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Shape of a tensor."""
        return tuple(int(size) for size in self._graph.tensors[tensor].shape)

    def tensor(self, name: str, shape: Sequence[int], dtype: Any = np.float32) -> int:
        """Adds a tensor that is computed."""
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, _indices(shape), _TYPES[np.dtype(dtype)]
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def input(self, name: str, shape: Sequence[int]) -> int:
        """Adds an input of the model."""
        self._inputs.append(self.tensor(name, shape))
        return self._inputs[-1]

    def constant(self, name: str, array: np.ndarray) -> int:
        """Adds a constant. The array is not copied before `finish`."""
        index = self.tensor(name, array.shape, array.dtype)
        buffer = schema.BufferT()
        buffer.data = array.reshape(-1).view(np.uint8)
        self._model.buffers.append(buffer)
        self._graph.tensors[index].buffer = len(self._model.buffers) - 1
        return index

    def builtin(self, name: str, inputs: Sequence[int], outputs: Sequence[int], options: Any = None) -> None:
        """Adds an operator of the runtime's own.

        Args:
            name: Its name in the schema, such as `CONV_2D`.
            inputs: Tensors.
            outputs: Tensors.
            options: Its options as an object of the schema, such as `Conv2DOptionsT`, or `None`.
        """
        code = schema.OperatorCodeT()
        code.builtinCode = getattr(schema.BuiltinOperator, name)
        code.deprecatedBuiltinCode = min(code.builtinCode, schema.BuiltinOperator.PLACEHOLDER_FOR_GREATER_OP_CODES)
        operator = self._operator(name, code, inputs, outputs)
        if options is not None:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))

    def winner(self, op: ops.WinnerOp, inputs: Sequence[int], outputs: Sequence[int]) -> None:
        """Adds a winner operator.

        Args:
            op: The operator and its options.
            inputs: Tensors.
            outputs: Tensors.
        """
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
        code.customCode, code.version = op.NAME, ops.OP_VERSION
        operator = self._operator(op.NAME, code, inputs, outputs)
        operator.customOptions = encode_options(op)
        operator.customOptionsFormat = schema.CustomOptionsFormat.FLEXBUFFERS

    def rewrite(self, change: Callable[[schema.ModelT], None]) -> None:
        """Lets a pass of the conversion change what has been added so far."""
        change(self._model)

    def finish(self, outputs: Sequence[int]) -> bytes:
        """The content of the `.tflite` file that returns these tensors."""
        self._graph.inputs, self._graph.outputs = _indices(self._inputs), _indices(outputs)
        return serialize(self._model)

    def _operator(
        self, name: str, code: schema.OperatorCodeT, inputs: Sequence[int], outputs: Sequence[int]
    ) -> schema.OperatorT:
        if name not in self._codes:
            self._codes[name] = len(self._model.operatorCodes)
            self._model.operatorCodes.append(code)
        operator = schema.OperatorT()
        operator.opcodeIndex = self._codes[name]
        operator.inputs, operator.outputs = _indices(inputs), _indices(outputs)
        self._graph.operators.append(operator)
        return operator


def _indices(numbers: Sequence[int]) -> np.ndarray:
    return np.asarray(numbers, np.int32)
