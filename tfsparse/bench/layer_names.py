# SPDX-License-Identifier: Apache-2.0
"""Finds the layers of one model in another one that was made from the same network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.bench.segments import Segment, split
from tfsparse.conversion import graph
from tfsparse.conversion.op_codec import options_of

_WEIGHTS_OF_WINNER_OPS = {
    ops.WinnerConv2D: 2,
    ops.WinnerDepthwiseConv2D: 2,
    ops.WinnerFullyConnected: 2,
    ops.WinnerSeparableConv2D: 3,
}
"""Operator → which of its inputs are the weights of the layer that it is called after."""

_DEPTHWISE_WEIGHTS = 2
"""Of a separable convolution."""

Named = tuple[str, tuple[int, ...]]


def rename_like(segments: list[Segment], like: schema.ModelT) -> list[Segment]:
    """Calls layers as another model does.

    Args:
        segments: Layers, and what lies between them.
        like: The model that was made from the same network.

    Returns:
        The segments. Layers keep their name where `like` has a layer of that name, or none that fits.
    """
    there = list(_layers(like))
    places = [position for position, segment in enumerate(segments) if segment.layer]
    here_names = {segments[position].layer for position in places}
    there_names = {name for name, _ in there}
    matcher = SequenceMatcher(
        None, [segments[position].filter_shape for position in places], [shape for _, shape in there], autojunk=False
    )
    renamed = list(segments)
    for block in matcher.get_matching_blocks():
        for offset in range(block.size):
            position, name = places[block.a + offset], there[block.b + offset][0]
            if segments[position].layer not in there_names and name and name not in here_names:
                renamed[position] = replace(segments[position], layer=name)
    return renamed


def _layers(model: schema.ModelT) -> Iterator[Named]:
    """Name and weights' shape of every layer; the depthwise convolution inside a separable one has no name."""
    main = model.subgraphs[0]
    plain = {id(member): segment for segment in split(model) for member in segment.operators if segment.layer}
    seen: set[str] = set()
    for operator in main.operators:
        options = options_of(operator, model)
        if options is not None and type(options) in _WEIGHTS_OF_WINNER_OPS:
            if isinstance(options, ops.WinnerSeparableConv2D):
                yield "", _shape(main, operator, _DEPTHWISE_WEIGHTS)
            yield options.layer, _shape(main, operator, _WEIGHTS_OF_WINNER_OPS[type(options)])
        elif (segment := plain.get(id(operator))) is not None and segment.layer not in seen:
            seen.add(segment.layer)
            yield segment.layer, segment.filter_shape


def _shape(main: schema.SubGraphT, operator: schema.OperatorT, place: int) -> tuple[int, ...]:
    return graph.shape_of(main.tensors[graph.inputs_of(operator)[place]])
