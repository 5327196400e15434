# SPDX-License-Identifier: Apache-2.0
"""Small questions about a model's graph, asked by the passes, the validation and the reports alike."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from ai_edge_litert import schema_py_generated as schema

BUILTIN_NAMES: dict[int, str] = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
}
TENSOR_TYPE_NAMES: dict[int, str] = {
    code: name for name, code in vars(schema.TensorType).items() if isinstance(code, int)
}
BITS: dict[str, int] = {
    "FLOAT64": 64, "FLOAT32": 32, "FLOAT16": 16, "BFLOAT16": 16, "FLOAT8_E4M3FN": 8, "FLOAT8_E5M2": 8,
    "INT64": 64, "INT32": 32, "INT16": 16, "INT8": 8, "INT4": 4, "INT2": 2,
    "UINT64": 64, "UINT32": 32, "UINT16": 16, "UINT8": 8, "UINT4": 4,
    "BOOL": 8, "COMPLEX64": 64, "COMPLEX128": 128,
}  # fmt: skip
"""Bits of one element; types that are not here (strings, resources, variants) have no fixed size."""

ABSENT = -1
"""The index of an optional input that is left out."""


def text(name: bytes | str | None) -> str:
    """A name of the file as a string."""
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name or ""


def builtin_code(code: schema.OperatorCodeT) -> int:
    """The builtin operator; old files know only the one-byte field, which stops at 127."""
    return max(code.builtinCode, code.deprecatedBuiltinCode)


def op_name(model: schema.ModelT, operator: schema.OperatorT) -> str:
    """What an operator is called: `CONV_2D`, or the name of a custom operator."""
    code = model.operatorCodes[operator.opcodeIndex]
    builtin = builtin_code(code)
    return text(code.customCode) if builtin == schema.BuiltinOperator.CUSTOM else BUILTIN_NAMES[builtin]


def shape_of(tensor: schema.TensorT) -> tuple[int, ...]:
    """The shape as stored: the batch axis is 1 where the model leaves it open."""
    return () if tensor.shape is None else tuple(int(size) for size in tensor.shape)


def element_count(tensor: schema.TensorT) -> int:
    """How many elements the tensor holds, with a batch of the stored size."""
    return math.prod(shape_of(tensor))


def is_constant(model: schema.ModelT, tensor: schema.TensorT) -> bool:
    """Whether the file holds the tensor's value."""
    buffer = model.buffers[tensor.buffer]
    return (buffer.data is not None and len(buffer.data) > 0) or buffer.offset > 1


def is_float_constant(model: schema.ModelT, tensor: schema.TensorT) -> bool:
    """Whether the file holds the tensor's value as dense float32 numbers."""
    buffer = model.buffers[tensor.buffer]
    dense = tensor.sparsity is None and buffer.data is not None and len(buffer.data) > 0
    return dense and tensor.type == schema.TensorType.FLOAT32


def constant_value(model: schema.ModelT, tensor: schema.TensorT) -> np.ndarray | None:
    """The value of a constant of an ordinary numeric type, else `None`."""
    data = model.buffers[tensor.buffer].data
    dtypes = {"FLOAT32": np.float32, "INT32": np.int32, "INT64": np.int64}
    dtype = dtypes.get(TENSOR_TYPE_NAMES[tensor.type])
    if data is None or dtype is None or tensor.sparsity is not None:
        return None
    return np.asarray(data, np.uint8).view(dtype).reshape(shape_of(tensor))


def inputs_of(operator: schema.OperatorT) -> list[int]:
    """The input tensors' indices, those left out included as `ABSENT`."""
    return [] if operator.inputs is None else [int(index) for index in operator.inputs]


def outputs_of(operator: schema.OperatorT) -> list[int]:
    """The output tensors' indices."""
    return [] if operator.outputs is None else [int(index) for index in operator.outputs]


def activation_of(operator: schema.OperatorT) -> int:
    """The activation function that the operator applies to its result; 0 is none."""
    return getattr(operator.builtinOptions, "fusedActivationFunction", schema.ActivationFunctionType.NONE)


def consumers_of(subgraph: schema.SubGraphT) -> dict[int, list[schema.OperatorT]]:
    """Tensor index → the operators that read it, each once, in execution order."""
    found: dict[int, list[schema.OperatorT]] = defaultdict(list)
    for operator in subgraph.operators:
        for index in dict.fromkeys(inputs_of(operator)):
            found[index].append(operator)
    return found


def producers_of(subgraph: schema.SubGraphT) -> dict[int, schema.OperatorT]:
    """Tensor index → the operator that writes it."""
    return {index: operator for operator in subgraph.operators for index in outputs_of(operator)}


def only_reader(subgraph: schema.SubGraphT, index: int) -> schema.OperatorT | None:
    """The operator that reads a tensor, if nothing else does, the graph's outputs included."""
    readers = consumers_of(subgraph)[index]
    return readers[0] if len(readers) == 1 and index not in subgraph.outputs else None


def as_indices(values: Sequence[int]) -> np.ndarray:
    """Tensor indices as the schema's own type."""
    return np.asarray(values, dtype=np.int32)
