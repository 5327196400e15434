# SPDX-License-Identifier: Apache-2.0
"""A depthwise convolution of winners and the pointwise one that alone reads it become one operator.

Behind the depthwise convolution the losers are constants, so the pointwise one can skip them too; and what the first
computes never leaves the caches.
"""

from __future__ import annotations

from dataclasses import asdict

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.fusion import weights_of
from tfsparse.conversion.op_codec import options_of
from tfsparse.conversion.passes.fuse_conv2d import ACTIVATIONS, why_not_conv2d


def fuse_separable_conv2d(model: schema.ModelT) -> None:
    """Fuses every pair of a winner depthwise convolution and a pointwise convolution."""
    for subgraph in model.subgraphs:
        for depthwise in list(subgraph.operators):
            options = options_of(depthwise, model)
            if not isinstance(options, ops.WinnerDepthwiseConv2D):
                continue
            reader = graph.only_reader(subgraph, graph.outputs_of(depthwise)[0])
            if reader is not None and _is_pointwise(model, subgraph, reader):
                _fuse(model, subgraph, depthwise, options, reader)


def _fuse(
    model: schema.ModelT,
    subgraph: schema.SubGraphT,
    depthwise: schema.OperatorT,
    options: ops.WinnerDepthwiseConv2D,
    pointwise: schema.OperatorT,
) -> None:
    x, winners, depthwise_filter, depthwise_bias = [*graph.inputs_of(depthwise), graph.ABSENT][:4]
    weights, bias = weights_of(pointwise)
    values = asdict(options)
    values["layer"] = graph.text(subgraph.tensors[graph.outputs_of(pointwise)[0]].name)
    values["depthwise_activation"] = values["activation"]
    values["activation"] = ACTIVATIONS[graph.activation_of(pointwise)]
    inputs = [x, winners, depthwise_filter, weights, depthwise_bias, bias]
    pair = rewrite.winner_operator(model, ops.WinnerSeparableConv2D(**values), inputs, graph.outputs_of(pointwise))
    rewrite.replace_operator(subgraph, pointwise, pair)
    rewrite.replace_operator(subgraph, depthwise)


def _is_pointwise(model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT) -> bool:
    if graph.op_name(model, operator) != "CONV_2D":
        return False
    options = operator.builtinOptions
    if (options.strideH, options.strideW) != (1, 1) or why_not_conv2d(model, subgraph, operator, "channel"):
        return False
    return graph.shape_of(subgraph.tensors[graph.inputs_of(operator)[1]])[1:3] == (1, 1)
