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
_LARGEST = 700.0
"""Of a logarithm: JSON has no infinity."""

_ANGLES = 100_001


@dataclass(frozen=True)
class Verdict:
    """One figure in two measurements.

    Attributes:
        what: `sparse`, `dense` or `speed-up`.
        base: Median in the first measurement: milliseconds, or the speed-up; the geometric mean of the repeats.
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
    """One measurement beside the first; each may have been repeated.

    Attributes:
        base: Name of the first measurement.
        new: Name of the other.
        repeats: Number of results of the first and of the other.
        verdicts: Of each model that all results have, and of the speed-up where all have one.
        warnings: What else differs, or makes either result doubtful.
    """

    base: str
    new: str
    repeats: tuple[int, int]
    verdicts: list[Verdict]
    warnings: list[str]

    @property
    def is_repeated(self) -> bool:
        """Whether the intervals know what changes from one result to the next."""
        return min(self.repeats) > 1

    def is_slower_by(self, percent: float) -> bool:
        """Whether the model that was asked for, or its speed-up, got worse by more than so many percent."""
        return any(verdict.is_slower_by(percent) for verdict in self.verdicts if verdict.what != "dense")


@dataclass(frozen=True)
class ComparisonReport:
    """Every measurement beside the first.

    Attributes:
        confidence: How often an interval holds the true ratio.
        comparisons: In the order of the measurements.
    """

    confidence: float
    comparisons: list[Comparison]

    def to_json(self) -> str:
        """The report as a JSON object, its keys named like the attributes."""
        return json.dumps(asdict(self), indent=2)


def compare(
    measurements: Sequence[tuple[str, Sequence[BenchResult]]], confidence: float = CONFIDENCE
) -> ComparisonReport:
    """Compares each measurement with the first.

    Where both were repeated, the interval comes from what the results' medians differ by; else from the noise inside
    of each result.

    Args:
        measurements: Name and results, at least two measurements of at least one result each.
        confidence: How often an interval shall hold the true ratio, in (0, 1).

    Raises:
        InvalidArgumentError: There is nothing to compare, or the confidence is out of range.
    """
    if len(measurements) < 2:
        raise InvalidArgumentError(
            "Nothing to compare.", expected="two measurements or more", received=len(measurements)
        )
    if not 0 < confidence < 1:
        raise InvalidArgumentError("Invalid confidence.", expected="a number between 0 and 1", received=confidence)
    (base_name, base), *others = measurements
    comparisons = [
        Comparison(
            base_name,
            name,
            (len(base), len(new)),
            _verdicts(base, new, confidence),
            differences(base, new, FEW_RUNS if min(len(base), len(new)) == 1 else 0),
        )
        for name, new in others
    ]
    return ComparisonReport(confidence, comparisons)


def _verdicts(base: Sequence[BenchResult], new: Sequence[BenchResult], confidence: float) -> list[Verdict]:
    kinds = {"sparse": _sparse_times, "dense": _dense_times, SPEEDUP: _speedups}
    verdicts = []
    for what, series_of in kinds.items():
        old_series, new_series = [series_of(result) for result in base], [series_of(result) for result in new]
        if all(old_series) and all(new_series):
            verdicts.append(_verdict(what, old_series, new_series, confidence))
    return verdicts


def _sparse_times(result: BenchResult) -> list[float]:
    return result.sparse.times_ms


def _dense_times(result: BenchResult) -> list[float]:
    return result.dense.times_ms if result.dense else []


def _speedups(result: BenchResult) -> list[float]:
    return [dense / sparse for dense, sparse in zip(_dense_times(result), result.sparse.times_ms, strict=False)]


def _verdict(what: str, base: Sequence[list[float]], new: Sequence[list[float]], confidence: float) -> Verdict:
    if min(len(base), len(new)) > 1:
        ratio, enough = ratio_of_repeats(new, base, confidence), True
    else:
        ratio = ratio_of_medians(_joined(new), _joined(base), confidence)
        enough = min(map(len, (*base, *new))) >= FEW_RUNS
    verdict = UNDECIDED
    if enough and not ratio.low <= 1 <= ratio.high:
        verdict = FASTER if (ratio.value > 1) == (what == SPEEDUP) else SLOWER
    return Verdict(what, _typical(base), _typical(new), ratio, verdict)


def _joined(repeats: Sequence[list[float]]) -> list[float]:
    return [value for series in repeats for value in series]


def _typical(repeats: Sequence[Sequence[float]]) -> float:
    """Geometric mean of the medians."""
    return float(np.exp(_log_medians(repeats).mean()))


def _log_medians(repeats: Sequence[Sequence[float]]) -> np.ndarray:
    return np.log([np.median(series) for series in repeats])


def ratio_of_repeats(new: Sequence[Sequence[float]], base: Sequence[Sequence[float]], confidence: float) -> Interval:
    """Ratio of the typical medians of two repeated measurements, with the interval of Welch's test.

    Args:
        new: At least two series of positive numbers.
        base: Likewise, not necessarily as many.
        confidence: How often the interval shall hold the true ratio, if logarithms of medians are normally distributed.

    Example:

    >>> ratio_of_repeats([[2.0], [2.0]], [[1.0], [1.0]], 0.95)
    Interval(value=2.0, low=2.0, high=2.0)
    """
    logs = [_log_medians(repeats) for repeats in (new, base)]
    shares = [part.var(ddof=1) / len(part) for part in logs]
    variance = sum(shares)
    difference = logs[0].mean() - logs[1].mean()
    if variance == 0:
        margin = 0.0
    else:
        freedom = variance**2 / sum(share**2 / (len(part) - 1) for share, part in zip(shares, logs, strict=True))
        margin = _student_quantile(freedom, (1 + confidence) / 2) * math.sqrt(variance)
    value, low, high = np.exp(np.clip([difference, difference - margin, difference + margin], -_LARGEST, _LARGEST))
    return Interval(float(value), float(low), float(high))


def _student_quantile(freedom: float, share: float) -> float:
    """Of Student's distribution, for at least one degree of freedom and a share of at least a half.

    For t = sqrt(freedom) tan(angle) its density is a power of the cosine, which is summed up.
    """
    edges = np.linspace(0, np.pi / 2, _ANGLES)
    middles = (edges[:-1] + edges[1:]) / 2
    sums = np.concatenate([[0.0], np.cumsum(np.cos(middles) ** (freedom - 1))])
    angle = np.interp(2 * share - 1, sums / sums[-1], edges)
    return math.sqrt(freedom) * math.tan(angle)


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
