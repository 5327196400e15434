# SPDX-License-Identifier: Apache-2.0
"""Checks that the shapes and types stored for an operator's tensors go together.

The interpreters compute shapes anew, but some delegates size their buffers by the stored ones. Sizes that the file
leaves open agree with anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion import graph

_OPEN = -1
_UNARY = {
    "ABS", "CEIL", "COS", "ELU", "EXP", "FLOOR", "GELU", "HARD_SWISH", "L2_NORMALIZATION", "LEAKY_RELU", "LOG",
    "LOGICAL_NOT", "LOGISTIC", "LOG_SOFTMAX", "NEG", "RELU", "RELU6", "RELU_0_TO_1", "RELU_N1_TO_1", "ROUND", "RSQRT",
    "SIGN", "SIN", "SOFTMAX", "SQRT", "SQUARE", "TANH", "ZEROS_LIKE", "CUMSUM",
}  # fmt: skip
_CONVERTING = {"CAST", "QUANTIZE", "DEQUANTIZE"}
_BINARY = {
    "ADD", "SUB", "MUL", "DIV", "FLOOR_DIV", "FLOOR_MOD", "MAXIMUM", "MINIMUM", "POW", "SQUARED_DIFFERENCE", "PRELU",
    "LOGICAL_AND", "LOGICAL_OR",
}  # fmt: skip
_COMPARING = {"EQUAL", "NOT_EQUAL", "LESS", "LESS_EQUAL", "GREATER", "GREATER_EQUAL"}
_SAME_TYPE = _UNARY | _BINARY | {"RESHAPE", "MAX_POOL_2D", "AVERAGE_POOL_2D", "CONCATENATION", "PAD", "TRANSPOSE"}

Sizes = tuple[int, ...]


def shapes_agree(subgraph: schema.SubGraphT, operator: schema.OperatorT, name: str) -> bool:
    """Whether the operator's first output can come from its inputs, as far as the stored shapes and types tell.

    Args:
        subgraph: The graph that the operator is in; its indices are in range.
        operator: A builtin operator with all its inputs and outputs.
        name: What it is called.
    """
    inputs = [subgraph.tensors[index] for index in graph.inputs_of(operator) if index != graph.ABSENT]
    outputs = [subgraph.tensors[index] for index in graph.outputs_of(operator)]
    if not inputs or not outputs:
        return True
    if name in _SAME_TYPE and outputs[0].type != inputs[0].type:
        return False
    return _rule(name)([_sizes(tensor) for tensor in inputs], _sizes(outputs[0]))


def _rule(name: str) -> Callable[[Sequence[Sizes], Sizes], bool]:
    if name in _UNARY or name in _CONVERTING:
        return lambda inputs, output: _same(inputs[0], output)
    if name in _BINARY or name in _COMPARING:
        return lambda inputs, output: _broadcasts(inputs[:2], output)
    return _RULES.get(name, lambda inputs, output: True)


def _sizes(tensor: schema.TensorT) -> Sizes:
    """The shape, -1 where it is open."""
    shape = graph.shape_of(tensor)
    return shape if tensor.shapeSignature is None else tuple(int(size) for size in tensor.shapeSignature)


def _fits(one: int, other: int) -> bool:
    return one == other or _OPEN in (one, other)


def _same(one: Sizes, other: Sizes) -> bool:
    return len(one) == len(other) and all(_fits(a, b) for a, b in zip(one, other, strict=True))


def _broadcasts(inputs: Sequence[Sizes], output: Sizes) -> bool:
    rank = max(len(sizes) for sizes in inputs)
    padded = [(1,) * (rank - len(sizes)) + sizes for sizes in inputs]
    columns = [[size for size in column if size != 1] for column in zip(*padded, strict=True)]
    expected = tuple(_OPEN if _OPEN in column else max(column, default=1) for column in columns)
    return _same(expected, output) and all(_fits(a, b) for column in columns for a in column for b in column)


def _convolution(inputs: Sequence[Sizes], output: Sizes) -> bool:
    data, filters = inputs[:2]
    return _is_image(data, filters, output) and _fits(output[3], filters[0]) and _has_bias(inputs, filters[0])


def _depthwise(inputs: Sequence[Sizes], output: Sizes) -> bool:
    data, filters = inputs[:2]
    return _is_image(data, filters, output) and _fits(output[3], filters[3]) and _has_bias(inputs, filters[3])


def _product(inputs: Sequence[Sizes], output: Sizes) -> bool:
    weights = inputs[1]
    return len(weights) == 2 and len(output) >= 1 and _fits(output[-1], weights[0]) and _has_bias(inputs, weights[0])


def _pool(inputs: Sequence[Sizes], output: Sizes) -> bool:
    return _is_image(inputs[0], output) and _fits(inputs[0][0], output[0]) and _fits(inputs[0][3], output[3])


def _reshape(inputs: Sequence[Sizes], output: Sizes) -> bool:
    """Elements can be counted only where no size is open."""
    return _OPEN in (*inputs[0], *output) or math.prod(inputs[0]) == math.prod(output)


def _is_image(*shapes: Sizes) -> bool:
    return all(len(sizes) == 4 for sizes in shapes)


def _has_bias(inputs: Sequence[Sizes], size: int) -> bool:
    return len(inputs) < 3 or math.prod(inputs[2]) == size


_RULES: dict[str, Callable[[Sequence[Sizes], Sizes], bool]] = {
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _depthwise,
    "FULLY_CONNECTED": _product,
    "MAX_POOL_2D": _pool,
    "AVERAGE_POOL_2D": _pool,
    "RESHAPE": _reshape,
    "CONCATENATION": lambda inputs, output: all(len(sizes) == len(output) for sizes in inputs),
    "PAD": lambda inputs, output: len(inputs[0]) == len(output),
    "TRANSPOSE": lambda inputs, output: len(inputs[0]) == len(output),
}
