# SPDX-License-Identifier: Apache-2.0
"""3x3 convolutions without a mask become operators of the native library, which may transform them."""

from __future__ import annotations

from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.fusion import weights_of
from tfsparse.conversion.passes.fuse_conv2d import conv2d_options, why_not_conv2d


def accelerate_dense(model: schema.ModelT) -> None:
    """Replaces every CONV_2D of 3x3 taps, stride 1 and dilation 1."""
    for subgraph in model.subgraphs:
        for operator in list(subgraph.operators):
            if _can_be_transformed(model, subgraph, operator):
                inputs = [graph.inputs_of(operator)[0], graph.ABSENT, *weights_of(operator)]
                options = conv2d_options(subgraph, operator, "auto")
                fused = rewrite.winner_operator(model, options, inputs, graph.outputs_of(operator))
                rewrite.replace_operator(subgraph, operator, fused)


def _can_be_transformed(model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT) -> bool:
    if graph.op_name(model, operator) != "CONV_2D" or why_not_conv2d(model, subgraph, operator, "channel"):
        return False
    options = operator.builtinOptions
    steps = (options.strideH, options.strideW, options.dilationHFactor, options.dilationWFactor)
    return steps == (1, 1, 1, 1) and graph.shape_of(subgraph.tensors[graph.inputs_of(operator)[1]])[1:3] == (3, 3)
