# SPDX-License-Identifier: Apache-2.0
"""Settings to begin a search with: the layers that give most MACs for the least harm first, and one global energy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tfsparse.analysis.energy import smallest_count
from tfsparse.search.curves import WINNERS, Curve, Sensitivity
from tfsparse.search.knobs import Knob

ENERGIES = (0.999999, 0.99999, 0.9999, 0.999, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8)
"""Thresholds of the energy, one for all layers, that a search tries, too."""


@dataclass(frozen=True)
class _Step:
    """A part of a curve on which MACs cost equally much loss each."""

    slope: float
    name: str
    start: int
    end: int
    saved: int
    harm: float


def greedy_settings(found: Sensitivity, count: int, worst: float) -> list[dict[str, int]]:
    """Settings that turn knobs down in the order of loss per MAC saved, from little to a lot.

    A knob's curve is replaced by the lowest convex one below it; then going down the least steep part of any curve next
    is the best that can be done for each number of MACs, as far as the harms of the layers add up.

    Args:
        found: What each layer bears.
        count: How many settings to make, at equal steps of MACs saved.
        worst: The sum of the losses of single layers, in nats, at which to stop.

    Returns:
        Levels by the name of the knob.
    """
    steps = sorted((step for curve in found.curves for step in _convex_steps(curve, found)), key=lambda s: s.slope)
    within = np.cumsum([step.harm for step in steps]) <= worst
    steps = [step for step, good in zip(steps, within, strict=True) if good]
    total = sum(step.saved for step in steps)
    return [_along(steps, total * (index + 1) / count) for index in range(count)] if total else []


def energy_settings(
    knobs: Mapping[str, Knob], energies: Mapping[str, np.ndarray], thresholds: Sequence[float] = ENERGIES
) -> list[dict[str, int]]:
    """Settings that keep one share of the energy in all layers, as `ts.winner_rates` chooses them.

    Args:
        knobs: Knobs by name; those of weights stay where they are.
        energies: Energies by layer, descending.
        thresholds: Shares of the energy to keep, in (0, 1].
    """
    return [
        {
            name: smallest_count(energies[knob.layers[0]], threshold)
            for name, knob in knobs.items()
            if knob.kind == WINNERS
        }
        for threshold in thresholds
    ]


def _convex_steps(curve: Curve, found: Sensitivity) -> Iterator[_Step]:
    """The parts of the lowest convex curve of loss over MACs saved, from the highest level to the lowest."""
    places = [(0, 0.0, curve.units)]
    for point in curve.points:
        saved, harm = found.macs - point.macs, point.loss - found.loss
        if saved > places[-1][0] and math.isfinite(harm):
            # A loss that falls again further down is luck, or a network that has nothing left to lose.
            places.append((saved, max(harm, places[-1][1]), point.level))
    here = 0
    while here < len(places) - 1:
        saved, harm, level = places[here]
        slopes = [(there[1] - harm) / (there[0] - saved) for there in places[here + 1 :]]
        lowest = min(slopes)
        here += len(slopes) - slopes[::-1].index(lowest)
        there = places[here]
        yield _Step(lowest, curve.name, level, there[2], there[0] - saved, there[1] - harm)


def _along(steps: Sequence[_Step], saved: float) -> dict[str, int]:
    """The levels after so many MACs are saved by going down the steps in their order."""
    levels = {}
    for step in steps:
        if saved <= 0:
            break
        levels[step.name] = round(step.start + min(1.0, saved / step.saved) * (step.end - step.start))
        saved -= step.saved
    return levels
