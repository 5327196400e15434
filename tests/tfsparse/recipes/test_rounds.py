# SPDX-License-Identifier: Apache-2.0
"""Which of two rounds is to be preferred."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfsparse.recipes.rounds import PenaltyRound, is_better

ROUNDS = st.builds(
    PenaltyRound,
    l=st.just(1e-5),
    beta=st.just(1.0),
    accuracy=st.sampled_from([0.5, 0.9, 0.95]),
    passed=st.booleans(),
    macs=st.just(100),
    effective_macs=st.sampled_from([10.0, 20.0]),
    activation_zeros=st.just(0.5),
)


@given(st.lists(ROUNDS, min_size=1))
def test_the_best_is_within_the_budget_if_any_is(rounds):
    best = rounds[0]
    for each in rounds[1:]:
        best = each if is_better(each, best) else best
    passed = [each for each in rounds if each.passed]
    if passed:
        assert best.passed
        assert best.effective_macs == min(each.effective_macs for each in passed)
    else:
        assert best.accuracy == max(each.accuracy for each in rounds)


@given(ROUNDS, ROUNDS)
def test_no_two_are_better_than_each_other(one, other):
    assert not (is_better(one, other) and is_better(other, one))
