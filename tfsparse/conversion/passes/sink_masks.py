# SPDX-License-Identifier: Apache-2.0
"""Masks move behind the operators that treat each channel alone and turn zero into zero.

`pool(mask(x)) = mask(pool(x))`: moved this way, a mask meets the convolution or dense layer that can do without it.
What lies between then runs on unmasked data, which is harmless, because the losers are never read.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.masks import Mask, as_mask
from tfsparse.conversion.naming import UNMASKED
from tfsparse.conversion.passes.fuse_conv2d import why_not_conv2d
from tfsparse.conversion.passes.fuse_depthwise_conv2d import why_not_depthwise_conv2d

_ELEMENTWISE = {
    "RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "PRELU", "ELU", "GELU", "HARD_SWISH", "TANH",
    "ABS", "NEG", "SIGN", "SQUARE",
}  # fmt: skip
"""f(0) = 0, each element alone."""

_RESHAPES = {"RESHAPE", "EXPAND_DIMS", "SQUEEZE"}
_GROWING = {"PAD", "PADV2", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"}
_KEEPS_ZERO = (
    schema.ActivationFunctionType.NONE,
    schema.ActivationFunctionType.RELU,
    schema.ActivationFunctionType.RELU6,
    schema.ActivationFunctionType.RELU_N1_TO_1,
    schema.ActivationFunctionType.TANH,
)


def sink_masks(model: schema.ModelT) -> None:
    """Moves each mask as far as it can go, except where it would only get more to do."""
    for subgraph in model.subgraphs:
        waiting = [mask for operator in subgraph.operators if (mask := as_mask(model, operator)) is not None]
        while waiting:
            mask = waiting.pop()
            for reader in graph.consumers_of(subgraph)[mask.output]:
                if commutes(model, subgraph, mask, reader) and _pays(model, subgraph, mask, reader):
                    waiting.append(_move_behind(model, subgraph, mask, reader))


def _move_behind(model: schema.ModelT, subgraph: schema.SubGraphT, mask: Mask, operator: schema.OperatorT) -> Mask:
    """Lets `operator` read the unmasked data and masks its result; returns the new mask."""
    result = graph.outputs_of(operator)[0]
    unmasked = rewrite.add_like(subgraph, result, graph.text(subgraph.tensors[result].name) + UNMASKED)
    rewrite.redirect_input(operator, mask.output, mask.source)
    operator.outputs = graph.as_indices([unmasked])
    options = ops.MaskWinners(layer=mask.layer, unit=mask.unit)
    moved = rewrite.winner_operator(model, options, [unmasked, mask.winners], [result])
    rewrite.insert_after(subgraph, operator, moved)
    return replace(mask, source=unmasked, output=result)


def commutes(model: schema.ModelT, subgraph: schema.SubGraphT, mask: Mask, operator: schema.OperatorT) -> bool:
    """Whether masking after `operator` gives the same as masking before it."""
    inputs = graph.inputs_of(operator)
    if inputs[0] != mask.output or inputs.count(mask.output) > 1:
        return False
    name = graph.op_name(model, operator)
    before = graph.shape_of(subgraph.tensors[mask.output])
    after = graph.shape_of(subgraph.tensors[graph.outputs_of(operator)[0]])
    if len(before) < 2 or len(after) < 2 or not _same_batch(subgraph, mask.output, graph.outputs_of(operator)[0]):
        return False
    if name in _ELEMENTWISE:
        return before == after
    if name in ("MUL", "DIV"):
        return before == after and _scales(model, subgraph, operator, name)
    if mask.unit == "neuron":
        return name in _RESHAPES
    return before[-1] == after[-1] and _keeps_channels(model, subgraph, operator, name)


def _same_batch(subgraph: schema.SubGraphT, before: int, after: int) -> bool:
    sizes = [graph.shape_of(subgraph.tensors[index])[0] for index in (before, after)]
    signatures = [subgraph.tensors[index].shapeSignature for index in (before, after)]
    is_open = [signature is not None and signature[0] == -1 for signature in signatures]
    return sizes[0] == sizes[1] and is_open[0] == is_open[1]


def _keeps_channels(model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, name: str) -> bool:
    """Whether an operator that leaves batch and channels as many as they were leaves them in their places too."""
    if name in _RESHAPES or name in ("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"):
        return True
    if name in ("MAX_POOL_2D", "AVERAGE_POOL_2D"):
        return graph.activation_of(operator) in _KEEPS_ZERO
    constants = [_constant(model, subgraph, index) for index in graph.inputs_of(operator)[1:]]
    if name == "MEAN" and constants[0] is not None:
        rank = len(graph.shape_of(subgraph.tensors[graph.inputs_of(operator)[0]]))
        return {int(axis) % rank for axis in constants[0].flat}.isdisjoint({0, rank - 1})
    if name in ("PAD", "PADV2") and constants[0] is not None:
        fills_zero = name == "PAD" or (constants[1] is not None and not np.any(constants[1]))
        return fills_zero and not np.any(constants[0][[0, -1]])
    return False


def _scales(model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, name: str) -> bool:
    """Whether a MUL or DIV is by finite constants, so that zero stays zero."""
    factor = _constant(model, subgraph, graph.inputs_of(operator)[1])
    if factor is None or graph.activation_of(operator) not in _KEEPS_ZERO:
        return False
    return bool(np.all(np.isfinite(factor))) and (name == "MUL" or bool(np.all(factor != 0)))


def _constant(model: schema.ModelT, subgraph: schema.SubGraphT, index: int) -> np.ndarray | None:
    return graph.constant_value(model, subgraph.tensors[index])


def _pays(model: schema.ModelT, subgraph: schema.SubGraphT, mask: Mask, operator: schema.OperatorT) -> bool:
    """Whether the mask has no more to do behind the operator, or a convolution makes it needless there."""
    if graph.op_name(model, operator) not in _GROWING:
        return True
    readers = graph.consumers_of(subgraph)[graph.outputs_of(operator)[0]]
    return any(_needs_no_mask(model, subgraph, reader, mask.unit) for reader in readers)


def _needs_no_mask(model: schema.ModelT, subgraph: schema.SubGraphT, reader: schema.OperatorT, unit: str) -> bool:
    name = graph.op_name(model, reader)
    if name == "CONV_2D":
        return why_not_conv2d(model, subgraph, reader, unit) is None
    return name == "DEPTHWISE_CONV_2D" and why_not_depthwise_conv2d(model, subgraph, reader, unit) is None
