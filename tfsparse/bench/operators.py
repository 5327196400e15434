# SPDX-License-Identifier: Apache-2.0
"""Time inside each winner operator, its ranking apart from its products."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfsparse.bench.timing import Samples, time_once
from tfsparse.runtime.interpreter import Interpreter

RANKING_PHASES = ("rank", "select")
"""The phases that find the winners; the others are what is done with them."""


@dataclass(frozen=True)
class OperatorTime:
    """Median time of one run of a winner operator, phase by phase.

    Attributes:
        op: Name of the operator.
        layer: Layer that it stands for.
        total_ms: Milliseconds, all phases.
        ranking_ms: Milliseconds spent on finding the winners.
        phases_ms: Milliseconds by phase.
    """

    op: str
    layer: str
    total_ms: float
    ranking_ms: float
    phases_ms: dict[str, float]


def operator_times(
    model: str | os.PathLike[str] | bytes, samples: Samples, runs: int, threads: int, runtime: str
) -> list[OperatorTime]:
    """Runs a model with the library's own clocks on; separate from the timed runs, which the clocks would slow.

    Args:
        model: Path of a `.tflite` file, or its content.
        samples: Inputs, used one after the other, again and again.
        runs: Runs to take the median of, at least 1; one more goes before, in which memory is still cold.
        threads: Threads of a run.
        runtime: Interpreter package.

    Returns:
        One entry per winner operator, in the order of execution; none for a model without.
    """
    interpreter = Interpreter(model, threads, runtime, profiling=True)
    time_once(interpreter, samples[0])
    interpreter.profile()
    profiles = []
    for run in range(runs):
        time_once(interpreter, samples[run % len(samples)])
        profiles.append(sorted(interpreter.profile(), key=lambda entry: entry["node"]))
    return [_median(entries) for entries in zip(*profiles, strict=True)]


def _median(entries: Sequence[dict[str, Any]]) -> OperatorTime:
    """One operator over all runs. Not the mean: a run that the system interrupts would drown the others."""
    spent = {name: statistics.median(entry["phases"][name] for entry in entries) / 1e6 for name in entries[0]["phases"]}
    phases = {name: milliseconds for name, milliseconds in spent.items() if milliseconds}
    ranking = sum(phases.get(name, 0.0) for name in RANKING_PHASES)
    return OperatorTime(entries[0]["op"], entries[0]["layer"], sum(phases.values()), ranking, phases)
