# SPDX-License-Identifier: Apache-2.0
"""`FULLY_CONNECTED(mask(x))`, flattened in between or not, becomes a product over the winners' columns alone."""

from __future__ import annotations

import math

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.fusion import weights_of
from tfsparse.conversion.masks import Mask, masks_by_output
from tfsparse.conversion.passes.fuse_conv2d import ACTIVATIONS


def fuse_fully_connected(model: schema.ModelT) -> None:
    """Fuses every FULLY_CONNECTED that reads a mask, or a reshaped mask, and can do without it."""
    for subgraph in model.subgraphs:
        masks = masks_by_output(model, subgraph)
        reshaped = _reshaped_masks(model, subgraph, masks)
        for operator in list(subgraph.operators):
            if graph.op_name(model, operator) != "FULLY_CONNECTED":
                continue
            data = graph.inputs_of(operator)[0]
            mask = masks.get(data) or reshaped.get(data)
            if mask is not None and why_not_fully_connected(model, subgraph, operator, mask) is None:
                inputs = [mask.source, mask.winners, *weights_of(operator)]
                options = _options(subgraph, operator, mask)
                fused = rewrite.winner_operator(model, options, inputs, graph.outputs_of(operator))
                rewrite.replace_operator(subgraph, operator, fused)


def _reshaped_masks(model: schema.ModelT, subgraph: schema.SubGraphT, masks: dict[int, Mask]) -> dict[int, Mask]:
    """Results of RESHAPEs of masks: the order of the elements is the same, and that is all that matters here."""
    found: dict[int, Mask] = {}
    for operator in subgraph.operators:
        if graph.op_name(model, operator) == "RESHAPE":
            mask = masks.get(graph.inputs_of(operator)[0]) or found.get(graph.inputs_of(operator)[0])
            if mask is not None:
                found[graph.outputs_of(operator)[0]] = mask
    return found


def why_not_fully_connected(
    model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, mask: Mask
) -> str | None:
    """Why a FULLY_CONNECTED cannot do without the mask of its input, or `None` if it can."""
    reason = why_no_fused_form(model, subgraph, operator)
    if reason is not None:
        return reason
    data, weights = graph.inputs_of(operator)[:2]
    if operator.builtinOptions.keepNumDims and data != mask.output:
        return "it keeps the shape of a reshaped input"
    shape = graph.shape_of(subgraph.tensors[mask.source])
    width = graph.shape_of(subgraph.tensors[weights])[1]
    sample = math.prod(shape[1:])
    if mask.unit == "neuron" and width != sample:
        return f"its winners are neurons of {sample}, and it reads rows of {width}"
    if mask.unit == "channel" and (width % shape[-1] != 0 or sample % width != 0):
        return f"its rows of {width} elements do not hold whole pixels of {shape[-1]} channels"
    return None


def why_no_fused_form(model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT) -> str | None:
    """What rules out every fused form of a FULLY_CONNECTED, whatever it reads; `None` if nothing does."""
    constants = [index for index in weights_of(operator) if index != graph.ABSENT]
    if not all(graph.is_float_constant(model, subgraph.tensors[index]) for index in constants):
        return "its weights or bias are no float32 constants"
    if graph.activation_of(operator) not in ACTIVATIONS:
        return "its fused activation is not among none, relu, relu6 and relu_n1_to_1"
    if operator.builtinOptions.weightsFormat != schema.FullyConnectedOptionsWeightsFormat.DEFAULT:
        return "its weights are stored shuffled"
    return None


def _options(subgraph: schema.SubGraphT, operator: schema.OperatorT, mask: Mask) -> ops.WinnerFullyConnected:
    options = operator.builtinOptions
    shape = graph.shape_of(subgraph.tensors[mask.source])
    return ops.WinnerFullyConnected(
        layer=graph.text(subgraph.tensors[graph.outputs_of(operator)[0]].name),
        channels=shape[-1] if mask.unit == "channel" else math.prod(shape[1:]),
        activation=ACTIVATIONS[graph.activation_of(operator)],
        keep_num_dims=bool(options.keepNumDims),
    )
