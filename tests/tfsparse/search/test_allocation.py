# SPDX-License-Identifier: Apache-2.0
"""Greedy settings are the best that there are where harms add up, and energy settings those of `ts.winner_rates`."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tfsparse as ts
from tfsparse.analysis.winner_rates import layer_energies
from tfsparse.search.allocation import ENERGIES, energy_settings, greedy_settings
from tfsparse.search.curves import Curve, Point, Sensitivity
from tfsparse.search.tunable import TunableModel

UNITS = 1000
DENSE = 10_000
LEVELS = (750, 500, 250)


def made(harms, per_unit):
    """Curves with these losses at `LEVELS`, each of which saves `per_unit` MACs a unit."""
    curves = [
        Curve(
            f"winners of layer{number}",
            "winners",
            (f"layer{number}",),
            UNITS,
            tuple(
                Point(level, level / UNITS, 0.5, 1.0 + loss, DENSE - (UNITS - level) * cost)
                for level, loss in zip(LEVELS, losses, strict=True)
            ),
        )
        for number, (losses, cost) in enumerate(zip(harms, per_unit, strict=True))
    ]
    return Sensitivity("made", 10, 0.9, 1.0, DENSE, tuple(curves))


def harm_and_saving(found, levels):
    harm = saved = 0.0
    for curve in found.curves:
        level = levels.get(curve.name, UNITS)
        points = [*reversed(curve.points)]
        harm += np.interp(level, [p.level for p in points] + [UNITS], [p.loss - found.loss for p in points] + [0.0])
        saved += np.interp(level, [p.level for p in points] + [UNITS], [found.macs - p.macs for p in points] + [0])
    return harm, saved


steps = st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3).map(lambda rises: np.cumsum(sorted(rises)).tolist())


@settings(max_examples=25, deadline=None)
@given(st.lists(steps, min_size=2, max_size=2), st.lists(st.integers(1, 5), min_size=2, max_size=2))
def test_no_setting_saves_as_much_with_less_harm(harms, per_unit):
    found = made(harms, per_unit)
    grid = [harm_and_saving(found, dict(zip([c.name for c in found.curves], each, strict=True)))
            for each in itertools.product(range(250, UNITS + 1, 50), repeat=len(harms))]  # fmt: skip
    for levels in greedy_settings(found, 7, worst=100.0):
        harm, saved = harm_and_saving(found, levels)
        assert all(other >= harm - 0.02 for other, saving in grid if saving >= saved + 10)


@given(st.lists(steps, min_size=2, max_size=3))
def test_settings_go_from_little_to_the_lowest_levels(harms):
    found = made(harms, [3] * len(harms))
    greedy = greedy_settings(found, 5, worst=100.0)
    saved = [harm_and_saving(found, levels)[1] for levels in greedy]
    assert np.allclose(np.diff([0, *saved]), saved[-1] / 5, atol=10)
    assert greedy[-1] == {curve.name: LEVELS[-1] for curve in found.curves}


def test_the_layer_that_gives_macs_for_less_loss_goes_first():
    found = made([[0.1, 0.2, 0.3], [0.1, 0.2, 0.3]], [1, 4])
    first = greedy_settings(found, 10, worst=100.0)[0]
    assert list(first) == ["winners of layer1"]


def test_what_ruins_the_network_is_left_alone():
    found = made([[0.1, 0.2, 9.0], [5.0, 6.0, 7.0]], [2, 2])
    assert greedy_settings(found, 3, worst=1.0)[-1] == {"winners of layer0": 500}
    assert greedy_settings(found, 3, worst=0.01) == []


def test_a_loss_that_falls_again_is_not_trusted():
    found = made([[0.5, 0.4, 0.1]], [2])
    harms = [harm_and_saving(found, levels) for levels in greedy_settings(found, 2, worst=10.0)]
    assert harms[-1][1] == 2 * 750
    assert greedy_settings(made([[0.5, float("inf"), float("nan")]], [2]), 2, worst=10.0)[-1] == {
        "winners of layer0": 750
    }


def test_energy_settings_are_the_winner_rates_of_these_energies(digits):
    x = digits.validation[0][:100]
    tunable = TunableModel(digits.model, x[:1], sparsities=True)
    made_of_energies = energy_settings(tunable.knobs, layer_energies(digits.model, x))
    assert len(made_of_energies) == len(ENERGIES)
    for energy, levels in zip(ENERGIES, made_of_energies, strict=True):
        expected = ts.winner_rates(digits.model, x, energy=energy)
        assert {**expected, **tunable.rates(levels)} == pytest.approx(expected)
