# SPDX-License-Identifier: Apache-2.0
"""Interpreters run by turns, on the same samples."""

from __future__ import annotations

import numpy as np
import pytest

from tfsparse.bench.models.layers import LayerShape, dense_layer, random_input
from tfsparse.bench.timing import check_counts, time_by_turns, time_for
from tfsparse.errors import InvalidArgumentError
from tfsparse.runtime.interpreter import Interpreter

SHAPE = LayerShape("test", "conv", "conv2d", height=4, width=4, channels=4, outputs=4, kernel=1, stride=1)


class Recording(Interpreter):
    """Notes who runs on what."""

    log: list

    def __init__(self, name, log):
        super().__init__(dense_layer(SHAPE))
        self.name, self.log = name, log

    def set_inputs(self, arrays):
        self.log.append((self.name, float(arrays[0].flat[0])))
        super().set_inputs(arrays)


def test_runs_alternate_and_share_the_samples():
    log = []
    samples = [[np.full(SHAPE.input_shape, value, np.float32)] for value in (1.0, 2.0)]
    rounds = []
    times = time_by_turns(
        [Recording("a", log), Recording("b", log)], samples, runs=3, warmup=1, advance=lambda: rounds.append(1)
    )
    assert log == [("a", 1), ("b", 1), ("b", 2), ("a", 2), ("a", 1), ("b", 1), ("b", 2), ("a", 2)]
    assert [len(part) for part in times] == [3, 3]
    assert all(value > 0 for part in times for value in part)
    assert len(rounds) == 4


def test_input_of_a_layer_has_no_zero_channel():
    assert random_input(SHAPE).min() > 0


@pytest.mark.parametrize(("runs", "warmup", "message"), [(0, 1, "number of runs"), (1, -1, "warm-up runs")])
def test_wrong_counts_are_refused(runs, warmup, message):
    with pytest.raises(InvalidArgumentError, match=message):
        check_counts(runs, warmup)


@pytest.mark.parametrize(("seconds", "rounds"), [(0.0, 3), (3600.0, 5)])
def test_rounds_stay_between_their_bounds(seconds, rounds):
    interpreters = [Interpreter(dense_layer(SHAPE)) for _ in range(2)]
    times = time_for(interpreters, [[random_input(SHAPE)]], seconds, least=3, most=5)
    assert [len(part) for part in times] == [rounds, rounds]


def test_rounds_fill_the_time():
    interpreter = Interpreter(dense_layer(SHAPE))
    (few,) = time_for([interpreter], [[random_input(SHAPE)]], 0.002, least=1, most=10**6)
    (many,) = time_for([interpreter], [[random_input(SHAPE)]], 0.2, least=1, most=10**6)
    assert len(many) > 5 * len(few)
