# SPDX-License-Identifier: Apache-2.0
"""Times interpreters by turns, so that whatever slows the machine slows each of them alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import numpy as np

from tfsparse.errors import InvalidArgumentError
from tfsparse.runtime.interpreter import Interpreter

Progress = Callable[[], None]
Samples = Sequence[list[np.ndarray]]


def no_progress() -> None:
    """Takes the place of a progress bar where there is none."""


def check_counts(runs: int, warmup: int) -> None:
    """Raises `InvalidArgumentError` unless there is at least one run, and no negative number of warm-up runs."""
    if runs < 1:
        raise InvalidArgumentError("Invalid number of runs.", expected="an integer from 1", received=runs)
    if warmup < 0:
        raise InvalidArgumentError("Invalid number of warm-up runs.", expected="an integer from 0", received=warmup)


def time_by_turns(
    interpreters: Sequence[Interpreter], samples: Samples, runs: int, warmup: int, advance: Progress = no_progress
) -> list[list[float]]:
    """Runs every interpreter once per round, on the same sample, and the order turns around from round to round.

    Args:
        interpreters: What to time.
        samples: Inputs, used one after the other, again and again. Copying them in is not timed.
        runs: Rounds to time, at least 1.
        warmup: Rounds before, which are not timed.
        advance: Called after each round.

    Returns:
        For each interpreter the milliseconds of each round.
    """
    times: list[list[float]] = [[] for _ in interpreters]
    order = list(range(len(interpreters)))
    for turn in range(warmup + runs):
        for which in order:
            elapsed = time_once(interpreters[which], samples[turn % len(samples)])
            if turn >= warmup:
                times[which].append(elapsed)
        order.reverse()
        advance()
    return times


def time_for(
    interpreters: Sequence[Interpreter], samples: Samples, seconds: float, least: int, most: int
) -> list[list[float]]:
    """`time_by_turns` for about so long.

    Args:
        interpreters: What to time.
        samples: Inputs, as in `time_by_turns`.
        seconds: Time for all rounds together; two more go before.
        least: Rounds that are made even if they take longer, at least 1.
        most: Rounds that are enough even if there is time left.

    Returns:
        For each interpreter the milliseconds of each round.
    """
    first = time_by_turns(interpreters, samples, runs=1, warmup=1)
    fitting = int(1e3 * seconds / sum(times[0] for times in first))
    return time_by_turns(interpreters, samples, runs=min(max(fitting, least), most), warmup=0)


def time_once(interpreter: Interpreter, sample: list[np.ndarray]) -> float:
    """Milliseconds of one run on one sample."""
    interpreter.set_inputs(sample)
    started = time.perf_counter_ns()
    interpreter.invoke()
    return (time.perf_counter_ns() - started) / 1e6
