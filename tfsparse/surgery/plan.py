# SPDX-License-Identifier: Apache-2.0
"""What has to change in a graph so that its consumers read winners at the rates asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tfsparse.analysis.consumers import Consumers, Edge
from tfsparse.analysis.graph import Call, Graph


@dataclass(frozen=True)
class NewMask:
    """A mask to put on the way on which one call of a consumer reads its input.

    Args:
        consumer: Path of the consumer.
        rate: Winner rate.
        score: `"max"` or `"mean"`.
        unit: `"channel"` or `"neuron"`.
        sampled: Whether the threshold is predicted from a subsample.
        depth: How many calls before the consumer it belongs: 0 is right before it.
        replaces: Whether the value there comes out of a mask, in whose place on this way the new one steps.
    """

    consumer: str
    rate: float
    score: str
    unit: str
    sampled: bool
    depth: int
    replaces: bool


@dataclass(frozen=True)
class MaskUpdate:
    """The new rate and score of a mask that is there already."""

    rate: float
    score: str


@dataclass(frozen=True)
class Plan:
    """All changes.

    Args:
        insertions: New masks by path of the consumer and position of the call.
        updates: Changes of existing masks by their path.
        thresholds: Thresholds of ReLUs by the path of the layer or operation that ends in one.
    """

    insertions: dict[tuple[str, int], NewMask]
    updates: dict[str, MaskUpdate]
    thresholds: dict[str, float] = field(default_factory=dict)


def plan_masks(
    graph: Graph, consumers: Consumers, rates: Mapping[str, float], score: str | None, mask: str = "winners"
) -> Plan:
    """Plans the masks of the consumers in `rates`.

    A mask that is there already gets the new rate if that concerns nobody else; otherwise a second one steps in its
    place, on the way to this consumer alone.

    Args:
        graph: The graph of the model.
        consumers: Its consumers.
        rates: Winner rates by consumer.
        score: `"max"`, `"mean"`, or `None`: `"max"` for new masks, and existing ones keep theirs.
        mask: What new masks are, one of `tfsparse.winners.MASKS`.
    """
    plan = Plan({}, {})
    for name, rate in rates.items():
        for edge in consumers.found[name].edges:
            wanted = MaskUpdate(rate, score or (edge.mask.layer.score if edge.mask else "max"))
            if edge.mask is None or not _is_alone(edge.mask, graph, consumers, rates):
                if edge.mask is None or _state(edge.mask) != wanted:
                    key = (name, edge.consumer.position)
                    plan.insertions[key] = _new_mask(name, edge, wanted, mask)
            else:
                plan.updates[edge.mask.path] = wanted
    return plan


def _state(mask: Call) -> MaskUpdate:
    return MaskUpdate(mask.layer.winner_rate, mask.layer.score)


def _new_mask(name: str, edge: Edge, wanted: MaskUpdate, mask: str) -> NewMask:
    unit = edge.unit if mask == "winners" else "neuron"
    return NewMask(name, wanted.rate, wanted.score, unit, mask == "sampled", len(edge.chain), edge.mask is not None)


def _is_alone(mask: Call, graph: Graph, consumers: Consumers, rates: Mapping[str, float]) -> bool:
    """Whether all that reads `mask` are consumers that are to get one and the same rate."""
    edges = [edge for consumer in consumers.found.values() for edge in consumer.edges if edge.mask is not None]
    behind = {id(edge.consumer): edge for edge in edges if edge.mask is not None and edge.mask.layer is mask.layer}
    chained = {id(call) for edge in behind.values() for call in edge.chain}
    readers = [call for start in graph.calls if start.layer is mask.layer for call in _readers(start, graph, chained)]
    wanted = {rates.get(call.path) if call is not None and id(call) in behind else None for call in readers}
    return len(wanted) == 1 and None not in wanted


def _readers(start: Call, graph: Graph, chained: set[int]) -> Iterator[Call | None]:
    """The calls that read what `start` makes, beyond those in `chained`; `None` stands for the model's output."""
    for value in start.outputs:
        if value in graph.outputs:
            yield None
        for call in graph.consumers(value):
            if id(call) in chained:
                yield from _readers(call, graph, chained)
            else:
                yield call
