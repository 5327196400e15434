# SPDX-License-Identifier: Apache-2.0
"""What must be reached, and whether it is."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tfsparse.bench.suite.rows import Metric, Row

Reduction = Callable[[Metric, list[float]], float]


@dataclass(frozen=True)
class Verdict:
    """One target, measured with one number of threads.

    Attributes:
        section: Name of the section.
        what: What is compared with the bound.
        threads: Threads of a run.
        bound: What must be reached: the least value, or the highest where `is_floor` is false.
        is_floor: Whether the value must be at least the bound.
        value: What was measured.
        reached: Whether the value is on the right side of the bound.
    """

    section: str
    what: str
    threads: int
    bound: float
    is_floor: bool
    value: float
    reached: bool


@dataclass(frozen=True)
class Target:
    """A bound for a figure of many rows.

    Attributes:
        what: For which rows, in words; empty for all.
        metric: The figure of a row.
        reduction: How the rows' figures become one: `geometric_mean`, `median` or `worst`.
        bound: What must be reached.
        select: Picks the rows.
    """

    metric: Metric
    reduction: Reduction
    bound: float
    what: str = ""
    select: Callable[[list[Row]], list[Row]] = list

    def judge(self, section: str, rows: Sequence[Row]) -> list[Verdict]:
        """One verdict for each number of threads that was measured."""
        verdicts = []
        for threads in sorted({row.threads for row in rows}):
            chosen = self.select([row for row in rows if row.threads == threads])
            if chosen:
                value = self.reduction(self.metric, [self.metric.value(row) for row in chosen])
                verdicts.append(self._verdict(section, threads, value))
        return verdicts

    def _verdict(self, section: str, threads: int, value: float) -> Verdict:
        is_floor = self.metric.higher_is_better
        what = ", ".join(filter(None, (f"{self.reduction.__name__} of {self.metric.name}", self.what)))
        reached = value >= self.bound if is_floor else value <= self.bound
        return Verdict(section, what.replace("_", " "), threads, self.bound, is_floor, value, reached)


def geometric_mean(_: Metric, values: Iterable[float]) -> float:
    """The mean of factors."""
    return statistics.geometric_mean(values)


def median(_: Metric, values: Iterable[float]) -> float:
    """Half of the values are lower."""
    return statistics.median(values)


def worst(metric: Metric, values: Iterable[float]) -> float:
    """The lowest of what should be high, the highest of what should be low."""
    return min(values) if metric.higher_is_better else max(values)
