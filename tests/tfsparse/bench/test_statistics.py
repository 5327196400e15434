# SPDX-License-Identifier: Apache-2.0
"""The statistics are NumPy's, and the ratio does not care about the machine's mood."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfsparse.bench.statistics import paired_ratio, summarize

times = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=50)


@given(times)
def test_summary_is_that_of_numpy(measured):
    summary = summarize(measured)
    assert summary.runs == len(measured)
    assert summary.median == pytest.approx(np.median(measured))
    assert summary.avg == pytest.approx(np.mean(measured))
    assert summary.std == pytest.approx(np.std(measured), abs=1e-9)
    assert summary.min <= summary.p5 <= summary.median <= summary.p95 <= summary.max


@given(times, st.floats(0.1, 10.0))
def test_ratio_of_times_that_differ_by_a_factor_is_that_factor(measured, factor):
    ratio = paired_ratio([factor * value for value in measured], measured)
    assert ratio.value == pytest.approx(factor)
    assert ratio.low == pytest.approx(factor)
    assert ratio.high == pytest.approx(factor)


def test_interval_holds_the_true_ratio_and_narrows_with_more_runs():
    generator = np.random.default_rng(1)
    widths = []
    for runs in (20, 2000):
        base = generator.uniform(1.0, 2.0, runs)
        ratio = paired_ratio(2.0 * base * generator.normal(1.0, 0.05, runs), base)
        assert ratio.low < 2.0 < ratio.high
        assert ratio.low <= ratio.value <= ratio.high
        widths.append(ratio.high - ratio.low)
    assert widths[1] < widths[0] / 3
