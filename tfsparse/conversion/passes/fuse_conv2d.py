# SPDX-License-Identifier: Apache-2.0
"""`CONV_2D(mask(x))` becomes a convolution that reads the winning channels of `x` alone."""

from __future__ import annotations

from functools import partial

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph
from tfsparse.conversion.fusion import fuse_masked

ACTIVATIONS = {
    schema.ActivationFunctionType.NONE: "none",
    schema.ActivationFunctionType.RELU: "relu",
    schema.ActivationFunctionType.RELU_N1_TO_1: "relu_n1_to_1",
    schema.ActivationFunctionType.RELU6: "relu6",
}
PADDINGS = {schema.Padding.SAME: "same", schema.Padding.VALID: "valid"}


def fuse_conv2d(model: schema.ModelT, kernel: str = "auto") -> None:
    """Fuses every CONV_2D that reads a mask and can do without it.

    Args:
        model: Changed in place.
        kernel: The option `kernel` of the fused operators.
    """
    fuse_masked(model, "CONV_2D", why_not_conv2d, partial(conv2d_options, kernel=kernel))


def why_not_conv2d(
    model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, unit: str
) -> str | None:
    """Why a CONV_2D cannot do without the mask of its input, or `None` if it can."""
    inputs = graph.inputs_of(operator)
    if unit != "channel":
        return "its winners are neurons, and a convolution skips whole channels"
    if not all(graph.is_float_constant(model, subgraph.tensors[i]) for i in inputs[1:] if i != graph.ABSENT):
        return "its filter or bias is no float32 constant"
    channels = graph.shape_of(subgraph.tensors[inputs[0]])[-1]
    if graph.shape_of(subgraph.tensors[inputs[1]])[-1] != channels:
        return "it is a grouped convolution"
    if graph.activation_of(operator) not in ACTIVATIONS:
        return "its fused activation is not among none, relu, relu6 and relu_n1_to_1"
    return None


def conv2d_options(
    subgraph: schema.SubGraphT, operator: schema.OperatorT, kernel: str, skip_zeros: bool = False
) -> ops.WinnerConv2D:
    """The options of the operator that takes the place of a CONV_2D."""
    options = operator.builtinOptions
    return ops.WinnerConv2D(
        layer=graph.text(subgraph.tensors[graph.outputs_of(operator)[0]].name),
        stride_h=options.strideH,
        stride_w=options.strideW,
        dilation_h=options.dilationHFactor,
        dilation_w=options.dilationWFactor,
        padding=PADDINGS[options.padding],
        activation=ACTIVATIONS[graph.activation_of(operator)],
        kernel=kernel,
        skip_zeros=skip_zeros,
    )
