# SPDX-License-Identifier: Apache-2.0
"""Comparing tensors, and telling which samples' winners are too close to call."""

from __future__ import annotations

import numpy as np
import pytest

from tfsparse.layers.export_hook import WinnerSpec
from tfsparse.verification.comparison import Tally, near_ties, sample_errors

NAN, INF = np.nan, np.inf


def spec(winners: int, unit: str = "neuron", score: str = "max") -> WinnerSpec:
    return WinnerSpec("wta", winners, 0.5, score, unit)


@pytest.mark.parametrize(
    ("expected", "received", "error"),
    [
        ([1.0, 2.0], [1.0, 2.0], 0.0),
        ([1.0, 2.0], [1.5, 1.75], 0.5),
        ([INF, -INF], [INF, -INF], 0.0),
        ([INF, 1.0], [-INF, 1.0], INF),
        ([NAN, 1.0], [NAN, 1.0], 0.0),
        ([NAN, 1.0], [0.0, 1.0], INF),
        ([0.0, 1.0], [NAN, 1.0], INF),
    ],
)
def test_errors(expected, received, error):
    assert sample_errors(np.array([expected]), np.array([received])).tolist() == [error]


def test_errors_are_those_of_each_sample_whatever_the_shape():
    expected = np.zeros((2, 3, 4))
    received = expected.copy()
    received[1, 2, 3] = 7
    assert sample_errors(expected, received.reshape(6, 4)).tolist() == [0, 7]


@pytest.mark.parametrize(
    ("x", "winners", "tied"),
    [
        ([4.0, 3.0, 2.0, 1.0], 2, False),
        ([4.0, 3.0, 2.99999, 1.0], 2, True),
        ([4.0, 3.0, -3.0, 1.0], 2, True),
        ([4.0, 3.0, 3.0, 1.0], 1, False),
        ([4.0, 3.0, 0.0, 0.0], 3, False),
        ([0.0, 0.0, 0.0, 0.0], 2, False),
        ([4.0, 3.0, 3.0, 3.0], 4, False),
    ],
    ids=["clear", "close", "equal_but_for_the_sign", "tie_among_losers", "zeros", "all_zero", "all_win"],
)
def test_near_ties_of_neurons(x, winners, tied):
    assert near_ties(np.array([x]), spec(winners), 1e-4).tolist() == [tied]


@pytest.mark.parametrize(("score", "tied"), [("max", True), ("mean", False)])
def test_near_ties_of_channels_follow_the_score(score, tied):
    x = np.array([[[[5.0, 5.0]], [[1.0, 2.0]]]])
    assert near_ties(x, spec(1, "channel", score), 1e-4).tolist() == [tied]


def test_a_tied_sample_counts_where_it_agrees_and_not_where_it_differs():
    tally = Tally(1e-4)
    expected = np.array([[1.0], [2.0], [3.0]])
    tally.add(expected, np.array([[1.0], [9.0], [3.0]]), np.array([True, True, False]))
    assert (tally.error, tally.undecided, tally.agrees) == (0.0, 1, True)


def test_an_untied_sample_that_differs_counts():
    tally = Tally(1e-4)
    tally.add(np.array([[1.0], [2.0]]), np.array([[1.0], [2.5]]), np.array([True, False]))
    assert (tally.error, tally.relative, tally.agrees) == (0.5, 0.25, False)


def test_samples_that_all_differ_behind_ties_do_not_agree():
    tally = Tally(1e-4)
    tally.add(np.array([[1.0]]), np.array([[2.0]]), np.array([True]))
    assert not tally.agrees


def test_something_where_nothing_should_be_does_not_agree():
    tally = Tally(1e-4)
    tally.add(np.zeros((1, 3)), np.full((1, 3), 1e-9), np.array([False]))
    assert tally.relative == INF
    assert not tally.agrees
