# SPDX-License-Identifier: Apache-2.0
"""A network whose masks and weights can be set anew for every measurement, without building or tracing it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import keras
import numpy as np

from tfsparse.analysis.consumers import find_consumers
from tfsparse.analysis.graph import trace
from tfsparse.analysis.models import named_layers
from tfsparse.analysis.profile import profile
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.layers import WTADropout
from tfsparse.pruning.kernels import names
from tfsparse.pruning.pruner import Pruner
from tfsparse.schedules import ConstantSparsity
from tfsparse.search.curves import WEIGHTS, WINNERS
from tfsparse.search.knobs import Levels, weight_knobs, winner_knobs
from tfsparse.surgery.sparsify import sparsify


class TunableModel:
    """A copy of a dense model with a mask in front of every layer that can read winners, and knobs to set it.

    Args:
        model: The dense model, trained; it stays as it is.
        sample: One sample `[1, ...]`, on which the MACs are counted.
        sparsities: Whether weights are to be pruned, too.
        exclude: Names or shell patterns of layers to leave alone.

    Raises:
        InvalidArgumentError: The model has masks already, or `exclude` names no layer or leaves none.
        UnsupportedModelError: The model is subclassed, or has no layer that could read winners.
    """

    def __init__(
        self, model: keras.Model, sample: np.ndarray, *, sparsities: bool = False, exclude: Sequence[str] = ()
    ) -> None:
        self.source = model
        self.masked = sparsify(model, dict.fromkeys(_readers(model, exclude), 1.0))
        winners = winner_knobs(trace(self.masked))
        weights = weight_knobs(self.masked) if sparsities else []
        self.knobs = {
            knob.name: knob for knob in (*winners, *weights) if not any(_named(exclude, name) for name in knob.layers)
        }
        self._dense = {row.name: row.macs for row in profile(self.masked, sample).layers if row.macs}
        self._levels = {name: knob.units for name, knob in self.knobs.items()}

    def set(self, levels: Levels) -> keras.Model:
        """Turns every knob to its level and returns the network, which the next call changes again."""
        for name, knob in self.knobs.items():
            level = levels.get(name, knob.units)
            if level != self._levels[name]:
                knob.turn(level)
                self._levels[name] = level
        return self.masked

    def macs(self, levels: Levels) -> int:
        """MACs of one sample that winners meet, times the share of weights that stay; as `ts.profile` rounds them."""
        left = dict(self._dense)
        for name, knob in self.knobs.items():
            for layer in knob.saves_in:
                left[layer] = left[layer] * levels.get(name, knob.units) // knob.units
        return sum(left.values())

    def rates(self, levels: Levels) -> dict[str, float]:
        """Winner rate by layer, of those at which some lose; for `ts.sparsify`."""
        return self._shares(levels, WINNERS)

    def sparsities(self, levels: Levels) -> dict[str, float]:
        """Share of pruned weights by layer, of those that lose some."""
        return {name: round(1.0 - kept, 10) for name, kept in self._shares(levels, WEIGHTS).items()}

    def _shares(self, levels: Levels, kind: str) -> dict[str, float]:
        return {
            layer: levels[knob.name] / knob.units
            for knob in self.knobs.values()
            if knob.kind == kind and levels.get(knob.name, knob.units) < knob.units
            for layer in knob.layers
        }


def sparse_copy(model: keras.Model, rates: Mapping[str, float], sparsities: Mapping[str, float]) -> keras.Model:
    """A copy of a dense model with these winner rates, its smallest weights pruned.

    Args:
        model: The dense model.
        rates: Winner rate in (0, 1] by layer.
        sparsities: Share of pruned weights in [0, 1) by layer.
    """
    if rates:
        copy = sparsify(model, rates)
    else:
        copy = keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
    if sparsities:
        Pruner(copy, {name: ConstantSparsity(share, begin_step=0) for name, share in sparsities.items()})
    return copy


def _readers(model: keras.Model, exclude: Sequence[str]) -> list[str]:
    layers = named_layers(model)
    there = [path for path, layer in layers.items() if isinstance(layer, WTADropout)]
    if there:
        raise InvalidArgumentError(
            "The model has winners-take-all layers already.",
            expected="the dense model, whose layers are to get winner rates",
            received=", ".join(there),
        )
    for pattern in exclude:
        if not any(names(pattern, path) for path in layers):
            raise InvalidArgumentError("`exclude` names no layer.", expected=", ".join(layers), received=pattern)
    found = find_consumers(trace(model)).default_names
    if not found:
        raise UnsupportedModelError(
            f"Model '{model.name}' has no layer that could read winners.",
            expected="a Conv1D, Conv2D, Conv3D or Dense layer that reads the output of another one",
        )
    left = [name for name in found if not _named(exclude, name)]
    if not left:
        raise InvalidArgumentError("`exclude` leaves no layer that could read winners.", received=", ".join(exclude))
    return left


def _named(patterns: Sequence[str], path: str) -> bool:
    return any(names(pattern, path) for pattern in patterns)
