# SPDX-License-Identifier: Apache-2.0
"""What is reported of a list of measured times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BOOTSTRAP_RESAMPLES = 2000
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Summary:
    """Statistics of the measured runs, all in milliseconds.

    Attributes:
        avg: Arithmetic mean.
        min: Shortest.
        max: Longest.
        std: Standard deviation.
        median: Half of the runs were shorter.
        p5: 5 % of the runs were shorter.
        p95: 95 % of the runs were shorter.
        runs: Number of runs.
    """

    avg: float
    min: float
    max: float
    std: float
    median: float
    p5: float
    p95: float
    runs: int


@dataclass(frozen=True)
class Interval:
    """A value and the interval that holds it with 95 % confidence."""

    value: float
    low: float
    high: float


def summarize(milliseconds: Sequence[float]) -> Summary:
    """Statistics of at least one measured time.

    Example:

    >>> summarize([1.0, 2.0, 9.0]).median
    2.0
    """
    times = np.asarray(milliseconds, np.float64)
    p5, median, p95 = np.percentile(times, [5, 50, 95])
    return Summary(
        avg=float(times.mean()),
        min=float(times.min()),
        max=float(times.max()),
        std=float(times.std()),
        median=float(median),
        p5=float(p5),
        p95=float(p95),
        runs=len(times),
    )


def paired_ratio(numerators: Sequence[float], denominators: Sequence[float], seed: int = 0) -> Interval:
    """Median of the ratios of times measured in pairs, with its bootstrap interval.

    Times of one pair were measured one right after the other, so whatever slows the machine for a while slows both,
    and their ratio stays.

    Args:
        numerators: Times, positive.
        denominators: As many times, positive.
        seed: Seed of the resampling.

    Example:

    >>> paired_ratio([2.0, 4.0, 6.0], [1.0, 2.0, 3.0])
    Interval(value=2.0, low=2.0, high=2.0)
    """
    ratios = np.asarray(numerators, np.float64) / np.asarray(denominators, np.float64)
    generator = np.random.default_rng(seed)
    medians = [np.median(generator.choice(ratios, len(ratios))) for _ in range(BOOTSTRAP_RESAMPLES)]
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(medians, [tail, 1 - tail])
    return Interval(float(np.median(ratios)), float(low), float(high))
