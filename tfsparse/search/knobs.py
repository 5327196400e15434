# SPDX-License-Identifier: Apache-2.0
"""What of a network can be turned down: how many channels or neurons win, how many weights stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import keras
import numpy as np
from keras import ops

from tfsparse.analysis.consumers import find_consumers
from tfsparse.analysis.graph import Graph
from tfsparse.analysis.shares import winner_shares
from tfsparse.layers import WTADropout
from tfsparse.pruning.kernels import prunable_kernels
from tfsparse.pruning.masks import magnitude_masks
from tfsparse.search.curves import WEIGHTS, WINNERS

HUNDREDTHS = 100
"""Steps in which weights are pruned: finer ones make no difference that a search could see."""

Levels = Mapping[str, int]
"""Level by the name of the knob; a knob that is not named is at its highest, where it changes nothing."""


@dataclass(frozen=True)
class Knob:
    """Something of a network that can be turned down to a level: it keeps `level` of its `units`.

    Args:
        kind: `"winners"` (units are the channels or neurons that a mask ranks) or `"weights"` (hundredths of a kernel).
        layers: Names of the layers that it is set for in `ts.sparsify` or a pruning schedule.
        units: The highest level, at which all is kept.
        saves_in: Names of the layers whose MACs shrink in proportion to the level.
        turn: Puts the network at a level in [1, units], without a new trace.
    """

    kind: str
    layers: tuple[str, ...]
    units: int
    saves_in: tuple[str, ...]
    turn: Callable[[int], None] = field(repr=False)

    @property
    def name(self) -> str:
        """Kind and first layer: `"winners of conv2"`."""
        return f"{self.kind} of {self.layers[0]}"

    def level(self, share: float) -> int:
        """The level that keeps `share` of the units, at least 1."""
        return min(self.units, max(1, int(share * self.units + 0.5)))


def winner_knobs(graph: Graph) -> list[Knob]:
    """A knob for each mask of a network; the layers that read one mask share it.

    Args:
        graph: The graph of a model in which every mask lets everything pass.
    """
    readers: dict[int, dict[str, int]] = {}
    masks: dict[int, WTADropout] = {}
    for name, consumer in find_consumers(graph).found.items():
        for edge in consumer.edges:
            if edge.mask is not None:
                mask = edge.mask.layer
                masks[id(mask)] = mask
                readers.setdefault(id(mask), {})[name] = edge.units
    paths = {id(call.layer): call.path for call in graph.calls}
    knobs = []
    for key, mask in masks.items():
        units = next(iter(readers[key].values()))
        if units > 1:
            saves_in = tuple(dict.fromkeys(paths[layer] for layer in _masked_by(mask, graph)))
            knobs.append(Knob(WINNERS, tuple(readers[key]), units, saves_in, _turn_winners(mask, units)))
    return knobs


def weight_knobs(model: keras.Model) -> list[Knob]:
    """A knob for each kernel that can be pruned; the smallest weights go first."""
    return [
        Knob(WEIGHTS, (path,), HUNDREDTHS, (path,), _turn_weights(kernel))
        for path, kernel in prunable_kernels(model).items()
    ]


def _masked_by(mask: WTADropout, graph: Graph) -> list[int]:
    """Ids of the layers that compute with the winners of `mask`: those whose share changes with its rate."""
    before = winner_shares(graph)
    mask.winner_rate = 1e-9  # one winner
    after = winner_shares(graph)
    mask.winner_rate = 1.0
    return [layer for (layer, index), share in after.items() if share != before[layer, index]]


def _turn_winners(mask: WTADropout, units: int) -> Callable[[int], None]:
    def turn(level: int) -> None:
        mask.winner_rate = level / units

    return turn


def _turn_weights(kernel: keras.Variable) -> Callable[[int], None]:
    whole = np.asarray(ops.convert_to_numpy(kernel))

    def turn(level: int) -> None:
        (kept,) = magnitude_masks([whole], 1.0 - level / HUNDREDTHS)
        kernel.assign(whole * kept)

    return turn
