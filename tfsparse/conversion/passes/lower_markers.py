# SPDX-License-Identifier: Apache-2.0
"""Each marker becomes a selection of winners and a mask, or nothing if every unit wins."""

from __future__ import annotations

import math

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.op_codec import decode_marker


def lower_markers(model: schema.ModelT) -> list[ops.SelectWinners]:
    """Replaces the markers.

    Returns:
        The layers that masked nothing, because their winner rate keeps everything; they are gone.
    """
    dropped = []
    for subgraph in model.subgraphs:
        for operator in list(subgraph.operators):
            if graph.op_name(model, operator) != ops.WTA_MARKER:
                continue
            options = decode_marker(operator.customOptions)
            source = graph.inputs_of(operator)[0]
            if options.winners >= unit_count(subgraph.tensors[source], options.unit):
                _drop(model, subgraph, operator)
                dropped.append(options)
            else:
                _lower(model, subgraph, operator, options)
    return dropped


def unit_count(tensor: schema.TensorT, unit: str) -> int:
    """How many channels or neurons one sample has."""
    shape = graph.shape_of(tensor)
    return shape[-1] if unit == "channel" else math.prod(shape[1:])


def _lower(
    model: schema.ModelT, subgraph: schema.SubGraphT, marker: schema.OperatorT, options: ops.SelectWinners
) -> None:
    source, masked = graph.inputs_of(marker)[0], graph.outputs_of(marker)[0]
    winners = rewrite.add_winners(subgraph, source, options.winners, f"{options.layer}/winners")
    if masked not in graph_outputs(subgraph):
        subgraph.tensors[masked].name = options.layer
    select = rewrite.winner_operator(model, options, [source], [winners])
    mask_options = ops.MaskWinners(layer=options.layer, unit=options.unit)
    mask = rewrite.winner_operator(model, mask_options, [source, winners], [masked])
    rewrite.replace_operator(subgraph, marker, select, mask)


def graph_outputs(subgraph: schema.SubGraphT) -> list[int]:
    """The tensors that the graph returns."""
    return [int(index) for index in subgraph.outputs]


def _drop(model: schema.ModelT, subgraph: schema.SubGraphT, marker: schema.OperatorT) -> None:
    source, masked = graph.inputs_of(marker)[0], graph.outputs_of(marker)[0]
    subgraph.operators.remove(marker)
    producer = graph.producers_of(subgraph).get(source)
    if masked in graph_outputs(subgraph) and producer is not None and source not in graph_outputs(subgraph):
        producer.outputs = graph.as_indices([masked if i == source else i for i in graph.outputs_of(producer)])
        rewrite.redirect(model, subgraph, source, masked)  # so that the output keeps its name
    else:
        rewrite.redirect(model, subgraph, masked, source)
