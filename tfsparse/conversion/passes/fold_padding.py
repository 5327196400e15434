# SPDX-License-Identifier: Apache-2.0
"""PAD → convolution of padding VALID becomes a convolution of padding SAME, where that pads alike.

Networks with strides often pad by a layer of their own. Folded, nothing is copied, and a mask meets the convolution.
"""

from __future__ import annotations

import copy

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion import graph, rewrite

_OPEN = -1


def fold_padding(model: schema.ModelT) -> None:
    """Folds every padding with zeros that TFLite's own rule would give too."""
    for subgraph in model.subgraphs:
        producers = graph.producers_of(subgraph)
        for operator in subgraph.operators:
            if graph.op_name(model, operator) in ("CONV_2D", "DEPTHWISE_CONV_2D"):
                pad = producers.get(graph.inputs_of(operator)[0])
                if (
                    pad is not None
                    and graph.op_name(model, pad) == "PAD"
                    and _pads_alike(model, subgraph, pad, operator)
                ):
                    operator.builtinOptions = copy.copy(operator.builtinOptions)
                    operator.builtinOptions.padding = schema.Padding.SAME
                    rewrite.redirect_input(operator, graph.outputs_of(pad)[0], graph.inputs_of(pad)[0])


def _pads_alike(
    model: schema.ModelT, subgraph: schema.SubGraphT, pad: schema.OperatorT, convolution: schema.OperatorT
) -> bool:
    source, margins = graph.inputs_of(pad)
    options = convolution.builtinOptions
    pads = graph.constant_value(model, subgraph.tensors[margins])
    if options.padding != schema.Padding.VALID or pads is None or pads.shape != (4, 2) or np.any(pads[[0, 3]]):
        return False
    sizes = _sizes(subgraph.tensors[source])[1:3]
    kernel = graph.shape_of(subgraph.tensors[graph.inputs_of(convolution)[1]])[1:3]
    strides = (options.strideH, options.strideW)
    dilations = (options.dilationHFactor, options.dilationWFactor)
    return all(
        size != _OPEN and _is_same(size, int(first), int(last), (taps - 1) * dilation + 1, stride)
        for size, (first, last), taps, dilation, stride in zip(
            sizes, pads[1:3], kernel, dilations, strides, strict=True
        )
    )


def _is_same(size: int, first: int, last: int, reach: int, stride: int) -> bool:
    """Whether SAME gives as many results, and puts as much in front of the first."""
    results = -(-size // stride)
    total = max((results - 1) * stride + reach - size, 0)
    return first == total // 2 and (first + size + last - reach) // stride + 1 == results


def _sizes(tensor: schema.TensorT) -> tuple[int, ...]:
    shape = graph.shape_of(tensor)
    return shape if tensor.shapeSignature is None else tuple(int(size) for size in tensor.shapeSignature)
