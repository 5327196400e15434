# SPDX-License-Identifier: Apache-2.0
"""Which layers can compute with winners alone, and where the mask in front of each of them belongs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from tfsparse.analysis.graph import Call, Graph, Shape
from tfsparse.analysis.models import weight_matrices
from tfsparse.analysis.zeros import is_identity, keeps_zero_channels, only_reshapes
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import WTADropout

_DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D, layers.SeparableConv1D, layers.SeparableConv2D)


@dataclass(frozen=True)
class Edge:
    """The way on which a consumer reads its input in one call.

    Args:
        consumer: The call of the consumer.
        chain: The calls between mask and consumer, the one next to the consumer first; empty if there are none.
        value: Number of the value that is or would be masked.
        mask: The call of the `WTADropout` that is there already, or `None`.
        unit: `"channel"` or `"neuron"`: what wins there.
        units: How many there are.
        elements: How many single elements a sample has there.
    """

    consumer: Call
    chain: tuple[Call, ...]
    value: int
    mask: Call | None
    unit: str
    units: int
    elements: int

    @property
    def reader(self) -> Call:
        """The call that reads the value that is or would be masked."""
        return self.mask or (self.chain[-1] if self.chain else self.consumer)


@dataclass(frozen=True)
class Consumer:
    """A layer that can compute with winners alone.

    Args:
        name: Its path, the key of its winner rate.
        edges: One per call.
        by_default: Whether it reads winners where layers are not named. A depthwise or separable convolution does not.
    """

    name: str
    edges: tuple[Edge, ...]
    by_default: bool


@dataclass(frozen=True)
class Consumers:
    """The layers of a model that can compute with winners alone, and for every other layer the reason why not.

    Args:
        found: Consumers by name, in the order of the graph.
        refused: Reasons by the name of the layer.
    """

    found: dict[str, Consumer]
    refused: dict[str, str]

    @property
    def default_names(self) -> list[str]:
        """Names of the consumers that read winners where layers are not named."""
        return [name for name, consumer in self.found.items() if consumer.by_default]

    def require(self, names: Iterable[str], argument: str) -> None:
        """Raises if a name is not that of a consumer.

        Args:
            names: Names to check.
            argument: The argument that they came in, for the message.

        Raises:
            InvalidArgumentError: A layer does not exist or cannot compute with winners; the message says why.
        """
        for name in names:
            if name in self.found:
                continue
            reason = self.refused.get(name)
            problem = f"{reason}" if reason else "the model has no such layer"
            raise InvalidArgumentError(
                f"`{argument}` names layer {name!r}, but {problem}.",
                expected=f"names of layers that read winners: {', '.join(map(repr, self.found)) or 'there are none'}",
                remedy="Layers of nested models are named 'model/layer'." if reason is None else None,
            )


def find_consumers(graph: Graph) -> Consumers:
    """Finds the convolutions and dense layers that can read winners, and where their masks belong.

    A mask belongs right before the layer that reads it, but before the `Flatten` of a dense layer behind one, so that
    whole channels win. It never lies on a model input, nor on anything that is made of an input without a
    convolution, dense or other layer with weight matrices in between (padding, rescaling, normalization, ...).
    """
    raw = _raw_values(graph)
    edges: dict[str, list[Edge]] = {}
    refused: dict[str, str] = {}
    for call in graph.calls:
        reason = _refusal(call, graph, raw)
        if reason is None:
            edges.setdefault(call.path, []).append(_edge(call, graph))
        else:
            refused.setdefault(call.path, reason)
    for name, ways in edges.items():
        if len({(edge.unit, edge.units, len(graph.shapes[edge.value])) for edge in ways}) > 1:
            refused.setdefault(name, "it is shared and reads different kinds of inputs, so it has no one winner rate")
    found = {
        name: Consumer(name, tuple(ways), not isinstance(ways[0].consumer.layer, _DEPTHWISE))
        for name, ways in edges.items()
        if name not in refused
    }
    return Consumers(found, refused)


def resolved_unit(layer: WTADropout, shape: Shape) -> str:
    """What wins in a mask of this input shape: its own `unit`, or what the rank says."""
    return layer.unit or ("neuron" if len(shape) == 2 else "channel")


def count_units(shape: Shape, unit: str) -> int:
    """How many channels or neurons a sample of this shape has."""
    return math.prod(size or 0 for size in (shape[-1:] if unit == "channel" else shape[1:]))


def reads_winners(layer: Any) -> bool:
    """Whether `layer` is of a kind that can compute with winners alone."""
    return _kind_refusal(layer) is None


def _raw_values(graph: Graph) -> set[int]:
    """Values that still hold the model's input: at least one way to them passes no layer that mixes."""
    raw = set(graph.inputs)
    for call in graph.calls:
        if not _mixes(call.layer) and raw.intersection(call.inputs):
            raw.update(call.outputs)
    return raw


def _mixes(layer: Any) -> bool:
    return isinstance(layer, keras.Layer) and bool(weight_matrices(layer, layer.weights))


def _kind_refusal(layer: Any) -> str | None:
    if not isinstance(layer, (layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.Dense, *_DEPTHWISE)):
        kinds = "Conv1D, Conv2D, Conv3D, Dense, depthwise and separable layers"
        return f"it is a {type(layer).__name__}: only {kinds} compute with winners alone"
    if getattr(layer, "depth_multiplier", 1) != 1:
        return f"it is a {type(layer).__name__} of depth multiplier {layer.depth_multiplier}, not 1"
    if getattr(layer, "groups", 1) > 1:
        return f"it is a convolution of {layer.groups} groups, whose filters do not see all channels"
    if getattr(layer, "data_format", "channels_last") != "channels_last":
        return "its channels are not on the last axis"
    return None


def _refusal(call: Call, graph: Graph, raw: set[int]) -> str | None:
    reason = _kind_refusal(call.layer)
    if reason is not None:
        return reason
    if raw.intersection(call.inputs):
        return "it reads the model's input, which is never masked"
    if graph.shapes[call.inputs[0]][-1] is None:
        return "the number of channels that it reads is not known"
    return None


def way_to_mask(call: Call, graph: Graph, *, across_models: bool) -> tuple[tuple[Call, ...], Call | None]:
    """Walks back from `call` through calls that keep zero channels zero.

    Args:
        call: Where to start.
        graph: The graph that it is in.
        across_models: Whether to go on beyond the nested model that holds `call`.

    Returns:
        The calls on the way, the one next to `call` first; and the `WTADropout` call where it ends, if it ends there.
    """
    chain: list[Call] = []
    current = graph.producer(call.inputs[0])
    while current is not None and len(current.inputs) == 1 and (across_models or current.scope == call.scope):
        if isinstance(current.layer, WTADropout):
            return tuple(chain), current
        if not keeps_zero_channels(current.layer):
            break
        chain.append(current)
        current = graph.producer(current.inputs[0])
    return tuple(chain), None


def _edge(call: Call, graph: Graph) -> Edge:
    chain, mask = way_to_mask(call, graph, across_models=False)
    if mask is None:
        chain = _back_to_feature_map(chain, graph) if isinstance(call.layer, layers.Dense) else ()
        value = chain[-1].inputs[0] if chain else call.inputs[0]
        unit = "neuron" if len(graph.shapes[value]) == 2 else "channel"
    else:
        value = mask.inputs[0]
        unit = resolved_unit(mask.layer, graph.shapes[value])
    shape = graph.shapes[value]
    return Edge(call, chain, value, mask, unit, count_units(shape, unit), count_units(shape, "neuron"))


def _back_to_feature_map(chain: tuple[Call, ...], graph: Graph) -> tuple[Call, ...]:
    """The part of `chain` from a dense layer back to a feature map that is only flattened on the way to it."""
    for length, call in enumerate(chain, start=1):
        before, after = (graph.shapes[value] for value in (call.inputs[0], call.outputs[0]))
        if only_reshapes(call.layer) and len(before) > 2 == len(after) and before[-1] is not None:
            return chain[:length]
        if not is_identity(call.layer):
            return ()
    return ()
