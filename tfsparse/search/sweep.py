# SPDX-License-Identifier: Apache-2.0
"""Measures what each layer of a trained network bears, one layer masked at a time."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from tfsparse.errors import InvalidArgumentError
from tfsparse.search.curves import Curve, Point, Sensitivity
from tfsparse.search.knobs import Knob
from tfsparse.search.progress import stage
from tfsparse.search.scoring import Score, Scorer
from tfsparse.search.tunable import TunableModel

SHARES = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.05, 0.02)
"""Shares that each layer is tried at, one after the other."""

BATCH_SIZE = 256


def sensitivity(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    shares: Sequence[float] = SHARES,
    sparsities: bool = False,
    exclude: Sequence[str] = (),
    batch_size: int = BATCH_SIZE,
    verbose: bool = True,
) -> Sensitivity:
    """Measures accuracy against the winner rate of each layer, one layer masked at a time, without finetuning.

    One copy of the model is masked and traced once; from then on only numbers in it change. So a curve costs as many
    runs over the samples as it has points.

    Args:
        model: A Sequential or Functional classifier, trained, without masks: one input, one output of logits or
            probabilities. It stays as it is.
        x: Validation samples `[samples, ...]`, scaled as the model takes them; some thousand.
        y: Their labels `[samples]`, integers from 0.
        shares: Winner rates in (0, 1] to try; each layer rounds them to whole winners.
        sparsities: Whether to measure the share of weights that stay, too, the smallest being pruned first.
        exclude: Names or shell patterns of layers to leave alone.
        batch_size: Samples that run at once, 1 or more, default 256.
        verbose: Whether to show on standard error how far it is.

    Returns:
        The curves, to print, to plot, or to store as JSON.

    Raises:
        InvalidArgumentError: An argument is out of its range, or the samples or labels do not fit the model.
        UnsupportedModelError: The model is subclassed, has no shapes yet, or has no layer that could read winners.

    Example:

    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4), keras.layers.Dense(2, name="out")])
    >>> found = sensitivity(model, np.eye(8), np.arange(8) % 2, shares=[0.5, 0.25], verbose=False)
    >>> [point.share for point in found.curves[0].points], [point.macs for point in found.curves[0].points]
    ([0.5, 0.25], [36, 34])

    Reference:
        Li, Hao, et al., "Pruning Filters for Efficient ConvNets", ICLR 2017, section 3.2 (sensitivity of single
        layers). Yang, Qing, et al., "DASNet", 2019, section III (winner rates).
    """
    tunable = TunableModel(model, np.asarray(x)[:1], sparsities=sparsities, exclude=exclude)
    return sweep(tunable, Scorer(tunable.masked, x, y, batch_size), shares, verbose)


def sweep(tunable: TunableModel, score: Scorer, shares: Sequence[float], verbose: bool) -> Sensitivity:
    """The curves of all knobs of a model, for callers that go on with it.

    Raises:
        InvalidArgumentError: `shares` is empty, or one of them is outside (0, 1].
    """
    if not shares or not all(0.0 < share <= 1.0 for share in shares):
        raise InvalidArgumentError("Invalid `shares`.", expected="numbers in (0, 1]", received=list(shares))
    levels = {name: _levels(knob, shares) for name, knob in tunable.knobs.items()}
    with stage("Sensitivity", sum(map(len, levels.values())) + 1, verbose) as advance:
        dense = score(tunable.set({}))
        advance()
        curves = []
        for name, knob in tunable.knobs.items():
            points = []
            for level in levels[name]:
                points.append(_point(tunable, knob, level, score(tunable.set({name: level}))))
                advance()
            curves.append(Curve(name, knob.kind, knob.layers, knob.units, tuple(points)))
    return Sensitivity(tunable.source.name, score.samples, dense.accuracy, dense.loss, tunable.macs({}), tuple(curves))


def _levels(knob: Knob, shares: Sequence[float]) -> list[int]:
    return sorted({knob.level(share) for share in shares}, reverse=True)


def _point(tunable: TunableModel, knob: Knob, level: int, score: Score) -> Point:
    return Point(level, level / knob.units, score.accuracy, score.loss, tunable.macs({knob.name: level}))
