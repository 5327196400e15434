# SPDX-License-Identifier: Apache-2.0
"""What one measurement says, and the figures that are read off it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tfsparse.bench.statistics import Interval, paired_ratio, summarize


@dataclass(frozen=True)
class Row:
    """A layer or network over its winners, beside the dense one.

    Attributes:
        name: The layer or network.
        detail: Its shape, or what else people want to know.
        threads: Threads of either.
        kernel: Option of the winner convolutions: `"auto"`, or `"direct"` for no transforms.
        setting: What was asked for: the winner rate, the share of MACs that is left, or the share of zeros.
        work: The share of the dense work that is left, so that 1 / work is the limit of the speed-up.
        mac_share: The share of the MACs that is left; differs from `work` for networks alone.
        dense_ms: Median time of the dense model.
        sparse_ms: Median time of the sparse one, ranking included.
        speedup: Dense time over sparse time, median of the pairs.
        share_of_limit: Speed-up times work: 1 where all work saved is time saved.
        ranking_ms: Time spent on finding the winners.
    """

    name: str
    detail: str
    threads: int
    kernel: str
    setting: float
    work: float
    mac_share: float
    dense_ms: float
    sparse_ms: float
    speedup: Interval
    share_of_limit: float
    ranking_ms: float

    @classmethod
    def from_times(cls, dense_times: list[float], sparse_times: list[float], *, work: float, **others: Any) -> Row:
        """The row of two models that were timed by turns.

        Args:
            dense_times: Milliseconds of the dense one, round by round.
            sparse_times: Milliseconds of the sparse one.
            work: The attribute `work`.
            **others: The attributes that do not follow from the times.
        """
        speedup = paired_ratio(dense_times, sparse_times)
        return cls(
            work=work,
            dense_ms=summarize(dense_times).median,
            sparse_ms=summarize(sparse_times).median,
            speedup=speedup,
            share_of_limit=speedup.value * work,
            **others,
        )


@dataclass(frozen=True)
class Metric:
    """A figure of a row.

    Attributes:
        name: What it is called in tables.
        value: How it is computed.
        higher_is_better: Whether it is.
    """

    name: str
    value: Callable[[Row], float]
    higher_is_better: bool = True


SHARE_OF_LIMIT = Metric("share of the limit", lambda row: row.share_of_limit)
SPEEDUP = Metric("speed-up", lambda row: row.speedup.value)
TIME_OF_DENSE = Metric("time over dense", lambda row: 1.0 / row.speedup.value, higher_is_better=False)
RANKING_SHARE = Metric("ranking over all", lambda row: row.ranking_ms / row.sparse_ms, higher_is_better=False)
METRICS = {metric.name: metric for metric in (SHARE_OF_LIMIT, SPEEDUP, TIME_OF_DENSE, RANKING_SHARE)}
