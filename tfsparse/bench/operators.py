# SPDX-License-Identifier: Apache-2.0
"""Time inside each winner operator, its ranking apart from its products, and of each layer between probes."""

from __future__ import annotations

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tfsparse import ops
from tfsparse.bench.timing import Samples, time_once
from tfsparse.runtime.interpreter import Interpreter

Model = str | os.PathLike[str] | bytes

RANKING_PHASES = ("rank", "select")
"""The phases that find the winners; the others are what is done with them."""


@dataclass(frozen=True)
class OperatorTime:
    """Median time of one run of a winner operator, phase by phase, or of a dense layer between probes.

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


def operator_times(model: Model, samples: Samples, runs: int, threads: int, runtime: str) -> list[OperatorTime]:
    """`operator_times_by_turns` of one model."""
    return operator_times_by_turns([model], samples, runs, threads, runtime)[0]


def operator_times_by_turns(
    models: Sequence[Model], samples: Samples, runs: int, threads: int, runtime: str
) -> list[list[OperatorTime]]:
    """Runs models with the library's own clocks on; separate from the timed runs, which the clocks would slow.

    Args:
        models: Paths of `.tflite` files, or their content, of the same inputs; run by turns.
        samples: Inputs, used one after the other, again and again.
        runs: Runs to take the median of, at least 1; one more goes before, in which memory is still cold.
        threads: Threads of a run.
        runtime: Interpreter package.

    Returns:
        For each model one entry per winner operator, or per layer of a model with probes, in the order of execution;
        none for any other model.
    """
    interpreters = [Interpreter(model, threads, runtime, profiling=True) for model in models]
    profiles: list[list[list[dict[str, Any]]]] = [[] for _ in interpreters]
    order = list(range(len(interpreters)))
    for run in range(runs + 1):
        for which in order:
            time_once(interpreters[which], samples[max(0, run - 1) % len(samples)])
            profile = sorted(interpreters[which].profile(), key=lambda entry: entry["node"])
            if run > 0:
                profiles[which].append(profile)
        order.reverse()
    return [
        [_median(entries) for entries in zip(*profile, strict=True) if _is_timed(entries[0])] for profile in profiles
    ]


def _is_timed(entry: dict[str, Any]) -> bool:
    """Not so the first probe, and those behind what lies between layers."""
    return bool(entry["op"] != ops.Probe.NAME or entry["layer"])


def _median(entries: Sequence[dict[str, Any]]) -> OperatorTime:
    """One operator over all runs. Not the mean: a run that the system interrupts would drown the others."""
    first = entries[0]
    is_probe = first["op"] == ops.Probe.NAME
    counted = ["layer"] if is_probe else first["phases"]  # what a probe itself takes counts for nothing
    spent = {name: statistics.median(entry["phases"][name] for entry in entries) / 1e6 for name in counted}
    phases = {name: milliseconds for name, milliseconds in spent.items() if milliseconds}
    ranking = sum(phases.get(name, 0.0) for name in RANKING_PHASES)
    op = first["kernel"] if is_probe else first["op"]
    return OperatorTime(op, first["layer"], sum(phases.values()), ranking, phases)
