# SPDX-License-Identifier: Apache-2.0
"""`DEPTHWISE_CONV_2D(mask(x))` becomes a depthwise convolution of the winners.

A loser gives the activation of its bias at every pixel.
"""

from __future__ import annotations

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph
from tfsparse.conversion.fusion import fuse_masked
from tfsparse.conversion.passes.fuse_conv2d import ACTIVATIONS, PADDINGS


def fuse_depthwise_conv2d(model: schema.ModelT) -> None:
    """Fuses every DEPTHWISE_CONV_2D that reads a mask and can do without it."""
    fuse_masked(model, "DEPTHWISE_CONV_2D", why_not_depthwise_conv2d, _options)


def why_not_depthwise_conv2d(
    model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, unit: str
) -> str | None:
    """Why a DEPTHWISE_CONV_2D cannot do without the mask of its input, or `None` if it can."""
    inputs = graph.inputs_of(operator)
    if unit != "channel":
        return "its winners are neurons, and a depthwise convolution skips whole channels"
    if not all(graph.is_float_constant(model, subgraph.tensors[i]) for i in inputs[1:] if i != graph.ABSENT):
        return "its filter or bias is no float32 constant"
    channels, filters = (graph.shape_of(subgraph.tensors[index])[-1] for index in inputs[:2])
    if filters != channels:
        return f"it makes {filters} channels of {channels}: its depth multiplier is not 1"
    if graph.activation_of(operator) not in ACTIVATIONS:
        return "its fused activation is not among none, relu, relu6 and relu_n1_to_1"
    return None


def _options(subgraph: schema.SubGraphT, operator: schema.OperatorT) -> ops.WinnerDepthwiseConv2D:
    options = operator.builtinOptions
    return ops.WinnerDepthwiseConv2D(
        layer=graph.text(subgraph.tensors[graph.outputs_of(operator)[0]].name),
        stride_h=options.strideH,
        stride_w=options.strideW,
        dilation_h=options.dilationHFactor,
        dilation_w=options.dilationWFactor,
        padding=PADDINGS[options.padding],
        activation=ACTIVATIONS[graph.activation_of(operator)],
    )
