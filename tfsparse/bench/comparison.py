# SPDX-License-Identifier: Apache-2.0
"""Whether one measurement is faster than another, as far as their noise lets anybody tell."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from tfsparse.bench.conditions import differences
from tfsparse.bench.result import BenchResult
from tfsparse.bench.statistics import BOOTSTRAP_RESAMPLES, CONFIDENCE, Interval
from tfsparse.errors import InvalidArgumentError

FASTER, SLOWER, UNDECIDED = "faster", "slower", "no difference shown"

FEW_RUNS = 20
"""Below this many runs an interval is too narrow as often as not, so no difference is ever called shown."""

SPEEDUP = "speed-up"

_NUMBERS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Verdict:
    """One figure in two results.

    Attributes:
        what: `sparse`, `dense` or `speed-up`.
        base: Median in the first result: milliseconds, or the speed-up.
        new: Median in the second.
        ratio: `new` over `base`, and its interval.
        verdict: `faster`, `slower` or `no difference shown`.
    """

    what: str
    base: float
    new: float
    ratio: Interval
    verdict: str

    def is_slower_by(self, percent: float) -> bool:
        """Whether the whole interval says that the figure got worse by more than so many percent."""
        least = 1 / self.ratio.high if self.what == SPEEDUP else self.ratio.low
        return self.verdict == SLOWER and least > 1 + percent / 100


@dataclass(frozen=True)
class Comparison:
    """One result beside the first.

    Attributes:
        base: Name of the first result.
        new: Name of the other.
        verdicts: Of each model that both results have, and of the speed-up where both have one.
        warnings: What else differs, or makes either result doubtful.
    """

    base: str
    new: str
    verdicts: list[Verdict]
    warnings: list[str]

    def is_slower_by(self, percent: float) -> bool:
        """Whether the model that was asked for, or its speed-up, got worse by more than so many percent."""
        return any(verdict.is_slower_by(percent) for verdict in self.verdicts if verdict.what != "dense")


@dataclass(frozen=True)
class ComparisonReport:
    """Every result beside the first.

    Attributes:
        confidence: How often an interval holds the true ratio.
        comparisons: In the order of the results.
    """

    confidence: float
    comparisons: list[Comparison]

    def to_json(self) -> str:
        """The report as a JSON object, its keys named like the attributes."""
        return json.dumps(asdict(self), indent=2)


def compare(results: Sequence[tuple[str, BenchResult]], confidence: float = CONFIDENCE) -> ComparisonReport:
    """Compares each result with the first.

    Args:
        results: Name and result, at least two.
        confidence: How often an interval shall hold the true ratio, in (0, 1).

    Raises:
        InvalidArgumentError: There is nothing to compare, or the confidence is out of range.
    """
    if len(results) < 2:
        raise InvalidArgumentError("Nothing to compare.", expected="two results or more", received=len(results))
    if not 0 < confidence < 1:
        raise InvalidArgumentError("Invalid confidence.", expected="a number between 0 and 1", received=confidence)
    (base_name, base), *others = results
    comparisons = [
        Comparison(base_name, name, _verdicts(base, new, confidence), differences(base, new, FEW_RUNS))
        for name, new in others
    ]
    return ComparisonReport(confidence, comparisons)


def _verdicts(base: BenchResult, new: BenchResult, confidence: float) -> list[Verdict]:
    verdicts = [_verdict("sparse", base.sparse.times_ms, new.sparse.times_ms, confidence)]
    if base.dense and new.dense:
        verdicts.append(_verdict("dense", base.dense.times_ms, new.dense.times_ms, confidence))
        verdicts.append(_verdict(SPEEDUP, _speedups(base), _speedups(new), confidence))
    return verdicts


def _speedups(result: BenchResult) -> list[float]:
    pairs = zip(result.dense.times_ms, result.sparse.times_ms, strict=True) if result.dense else ()
    return [dense / sparse for dense, sparse in pairs]


def _verdict(what: str, base: Sequence[float], new: Sequence[float], confidence: float) -> Verdict:
    ratio = ratio_of_medians(new, base, confidence)
    verdict = UNDECIDED
    if min(len(base), len(new)) >= FEW_RUNS and not ratio.low <= 1 <= ratio.high:
        verdict = FASTER if (ratio.value > 1) == (what == SPEEDUP) else SLOWER
    return Verdict(what, float(np.median(base)), float(np.median(new)), ratio, verdict)


def ratio_of_medians(new: Sequence[float], base: Sequence[float], confidence: float, seed: int = 0) -> Interval:
    """Ratio of the medians of two independent series, with its bootstrap interval.

    Neighbours in a series are alike (a burst of other work slows several runs), which makes a median less certain than
    as many independent runs would. So whole stretches are drawn, not single runs: blocks of the square root of
    the length, from a series closed to a circle.

    Args:
        new: Positive numbers in the order of measurement.
        base: Likewise, not necessarily as many.
        confidence: How often the interval shall hold the true ratio.
        seed: Seed of the resampling.

    Example:

    >>> ratio_of_medians([2.0, 2.0, 2.0], [1.0, 1.0, 1.0], 0.95)
    Interval(value=2.0, low=2.0, high=2.0)
    """
    generator = np.random.default_rng(seed)
    logarithms = np.log(_medians(new, generator)) - np.log(_medians(base, generator))
    tail = (1 - confidence) / 2
    low, high = np.exp(np.quantile(logarithms, [tail, 1 - tail]))
    return Interval(float(np.median(new) / np.median(base)), float(low), float(high))


def _medians(series: Sequence[float], generator: np.random.Generator) -> np.ndarray:
    """Medians of resampled series."""
    values = np.asarray(series, np.float64)
    length = math.ceil(math.sqrt(len(values)))
    medians = np.empty(BOOTSTRAP_RESAMPLES)
    step = max(1, _NUMBERS_AT_ONCE // len(values))
    for start in range(0, BOOTSTRAP_RESAMPLES, step):
        count = min(step, BOOTSTRAP_RESAMPLES - start)
        firsts = generator.integers(0, len(values), (count, math.ceil(len(values) / length), 1))
        chosen = ((firsts + np.arange(length)) % len(values)).reshape(count, -1)[:, : len(values)]
        medians[start : start + count] = np.median(values[chosen], axis=1)
    return medians
