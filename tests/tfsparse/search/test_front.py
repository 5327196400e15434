# SPDX-License-Identifier: Apache-2.0
"""The front is what no other setting beats; the choice keeps to the budget and the cost asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tfsparse.search.front import Candidate, choose, closest, pareto_front


def candidate(cost, accuracy, finetuned=None):
    return Candidate({}, {}, "search", accuracy / 10, None if finetuned is None else finetuned / 10, cost, cost)


candidates = st.lists(st.builds(candidate, st.integers(1, 9), st.integers(0, 10)), max_size=12)


@given(candidates)
def test_the_front_is_what_no_other_beats(tried):
    front = pareto_front(tried)
    for each in tried:
        beaten = any(other.cost <= each.cost and other.accuracy >= each.accuracy and other != each for other in tried)
        assert (each in front) != beaten
    assert front == sorted(front, key=lambda each: each.cost)


@given(candidates)
def test_the_cheapest_within_the_budget_is_chosen(tried):
    chosen = choose(tried, 0.5, None)
    good = [each.cost for each in tried if each.accuracy >= 0.5]
    assert (chosen.cost if chosen else None) == min(good, default=None)


def test_with_a_cost_asked_for_the_most_accurate_is_chosen():
    tried = [candidate(2, 7), candidate(4, 8), candidate(6, 9)]
    assert choose(tried, 0.5, 5) == tried[1]
    assert choose(tried, 0.85, 5) is None
    assert choose(tried, 0.5, 1) is None


def test_accuracies_after_finetuning_count():
    tried = [candidate(2, 1, finetuned=9), candidate(4, 8)]
    assert choose(tried, 0.8, None) == tried[0]


def test_the_closest_is_near_in_cost_first_then_in_accuracy():
    tried = [candidate(2, 3), candidate(4, 6), candidate(6, 9)]
    assert closest(tried, 0.95, None) == tried[2]
    assert closest(tried, 0.95, 5) == tried[1]
    assert closest(tried, 0.95, 1) == tried[0]
    assert closest([], 0.95, None) is None
