# SPDX-License-Identifier: Apache-2.0
"""What part of its multiply-accumulates a layer has left when it computes with winners alone."""

from __future__ import annotations

from dataclasses import dataclass

from keras import layers

from tfsparse.analysis.consumers import count_units, reads_winners, resolved_unit, way_to_mask
from tfsparse.analysis.graph import Call, Graph
from tfsparse.analysis.pairs import depthwise_before
from tfsparse.analysis.zeros import is_identity, only_reshapes


@dataclass(frozen=True)
class WinnerShare:
    """`winners` out of `units` channels or neurons are read."""

    winners: int
    units: int


def winner_shares(graph: Graph) -> dict[tuple[int, int], WinnerShare]:
    """The share of winners that each call reads, by the id of its layer and the index of the call.

    Only calls are in it that can leave the losers out: convolutions without groups (depthwise ones of depth multiplier
    1 included) and dense layers behind a `WTADropout`, with nothing in between but what leaves zero channels zero and
    in their places; and pointwise convolutions behind such a depthwise one, where the losers are constants.
    """
    shares: dict[tuple[int, int], WinnerShare] = {}
    for call in graph.calls:
        if not reads_winners(call.layer):
            continue
        share = _share(call, graph)
        depthwise = depthwise_before(call, graph) if share is None else None
        if depthwise is not None and reads_winners(depthwise.layer):
            share = _share(depthwise, graph)
        if share is not None:
            shares[id(call.layer), call.index] = share
    return shares


def _share(call: Call, graph: Graph) -> WinnerShare | None:
    chain, mask = way_to_mask(call, graph, across_models=True)
    if mask is None:
        return None
    shape = graph.shapes[mask.inputs[0]]
    unit = resolved_unit(mask.layer, shape)
    if unit == "neuron" and len(shape) > 2:
        in_place = isinstance(call.layer, layers.Dense) and _is_flattened(chain, call, graph)
    else:
        in_place = all(_keeps_places(step, call, graph) for step in chain)
    return WinnerShare(mask.layer.winners, count_units(shape, unit)) if in_place else None


def _keeps_places(step: Call, consumer: Call, graph: Graph) -> bool:
    """Whether the last axis goes through unchanged, or is flattened for a dense layer, which sorts it out again."""
    before, after = graph.shapes[step.inputs[0]], graph.shapes[step.outputs[0]]
    flattened = len(after) == 2 and isinstance(consumer.layer, layers.Dense)
    return not only_reshapes(step.layer) or before[-1] == after[-1] or flattened


def _is_flattened(chain: tuple[Call, ...], consumer: Call, graph: Graph) -> bool:
    """Whether single elements reach the consumer as a vector, none merged with others."""
    vector = len(graph.shapes[consumer.inputs[0]]) == 2
    return vector and all(is_identity(step.layer) or only_reshapes(step.layer) for step in chain)
