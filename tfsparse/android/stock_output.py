# SPDX-License-Identifier: Apache-2.0
"""Reads what LiteRT's `benchmark_model` prints."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from tfsparse.android.failures import shortened
from tfsparse.errors import PhoneError

_NUMBER = r"[0-9.]+(?:e[+-]?[0-9]+)?"
_TIMINGS = re.compile(
    rf"Inference timings in us: Init: (?P<init>{_NUMBER}), First inference: (?P<first>{_NUMBER}), "
    rf"Warmup \(avg\): {_NUMBER}, Inference \(avg\): (?P<avg>{_NUMBER})"
)
_COUNT = re.compile(r"\bcount=(\d{1,9})\b(?P<rest>.*)$", re.MULTILINE)
_MEDIAN = re.compile(rf"\bmedian=({_NUMBER})")


@dataclass(frozen=True)
class StockTimes:
    """Times of one call of `benchmark_model`, in milliseconds.

    Attributes:
        runs: Timed runs.
        avg_ms: Their mean.
        median_ms: Their median, which newer versions print; `None` where it is not there.
        init_ms: Time until the model was ready.
        first_ms: Time of the first run.
    """

    runs: int
    avg_ms: float
    median_ms: float | None
    init_ms: float
    first_ms: float

    @property
    def typical_ms(self) -> float:
        """The median, or the mean where that is all there is."""
        return self.avg_ms if self.median_ms is None else self.median_ms


def parse_stock(text: str, model: str) -> StockTimes:
    """Reads the output of one call.

    The line with `count=` comes twice, for the warm-up runs and for the timed ones, then the line of timings. Versions
    differ in the prefix of the lines, and in whether percentiles are there.

    Args:
        text: What was printed.
        model: The model, for an error.

    Raises:
        PhoneError: The timings are missing.

    Example:

    >>> parse_stock(
    ...     "count=9 first=9 curr=8 min=8 max=9 avg=8.5 std=0\\n"
    ...     "count=50 first=42 curr=40 min=39 max=50 avg=41 std=2 p5=39 median=40 p95=49\\n"
    ...     "Inference timings in us: Init: 3400, First inference: 9, Warmup (avg): 8.5, Inference (avg): 41\\n",
    ...     "m.tflite",
    ... )
    StockTimes(runs=50, avg_ms=0.041, median_ms=0.04, init_ms=3.4, first_ms=0.009)
    """
    timings, counts = _TIMINGS.search(text), list(_COUNT.finditer(text))
    if timings is None or not counts:
        raise PhoneError(
            f"benchmark_model did not measure {model}.",
            expected="a line `Inference timings in us: ...`",
            received=shortened(text) or "no output",
        )
    median = _MEDIAN.search(counts[-1]["rest"])
    try:
        avg, init, first = (float(timings[name]) / 1e3 for name in ("avg", "init", "first"))
        times = StockTimes(int(counts[-1][1]), avg, float(median[1]) / 1e3 if median else None, init, first)
    except ValueError:
        times = None
    if times is None or not 0 < times.typical_ms < math.inf:
        raise PhoneError(f"benchmark_model printed no times for {model}.", received=shortened(timings[0]))
    return times
