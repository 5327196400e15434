# SPDX-License-Identifier: Apache-2.0
"""The search closes in on the energy at which accuracy breaks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfsparse.recipes.energy_search import next_factor, scaled_energy


@given(st.floats(1e-3, 50.0))
def test_rounds_come_close_to_the_limit(limit):
    tried = []
    for _ in range(25):
        factor = next_factor(tried)
        tried.append((factor, factor <= limit))
    best = max(factor for factor, good in tried if good)
    assert best == pytest.approx(limit, rel=0.01)


@given(st.lists(st.booleans(), max_size=12))
def test_no_factor_is_tried_twice_whatever_comes_out(outcomes):
    tried = []
    for passed in outcomes:
        factor = next_factor(tried)
        assert factor > 0
        assert factor not in [each for each, _ in tried]
        tried.append((factor, passed))


@given(st.floats(0.001, 1.0), st.floats(1e-6, 1e6))
def test_energy_stays_an_energy(energy, factor):
    assert 0 < scaled_energy(energy, factor) <= 1
