# SPDX-License-Identifier: Apache-2.0
"""Verdicts follow from the rows."""

from __future__ import annotations

import pytest

from tfsparse.bench.suite.rows import RANKING_SHARE, SHARE_OF_LIMIT, SPEEDUP, TIME_OF_DENSE, Row
from tfsparse.bench.suite.targets import Target, geometric_mean, median, worst


def row(speedup, *, setting=0.5, threads=1, kernel="auto", ranking_ms=0.01, name="layer"):
    return Row.from_times(
        [speedup] * 3,
        [1.0] * 3,
        work=setting,
        name=name,
        detail="",
        threads=threads,
        kernel=kernel,
        setting=setting,
        mac_share=setting,
        ranking_ms=ranking_ms,
    )


def test_row_follows_from_the_times():
    made = row(1.6)
    assert (made.dense_ms, made.sparse_ms, made.speedup.value) == (1.6, 1.0, 1.6)
    assert made.share_of_limit == pytest.approx(0.8)
    assert TIME_OF_DENSE.value(made) == pytest.approx(0.625)
    assert RANKING_SHARE.value(made) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("metric", "reduction", "bound", "value", "reached"),
    [
        (SHARE_OF_LIMIT, geometric_mean, 0.9, (0.5 * 1.0) ** 0.5, False),
        (SHARE_OF_LIMIT, worst, 0.5, 0.5, True),
        (SPEEDUP, worst, 1.1, 1.0, False),
        (TIME_OF_DENSE, worst, 1.0, 1.0, True),
        (TIME_OF_DENSE, geometric_mean, 0.5, 0.5**0.5, False),
        (RANKING_SHARE, median, 0.03, 0.02, True),
    ],
)
def test_rows_are_held_to_the_bound(metric, reduction, bound, value, reached):
    rows = [row(1.0, ranking_ms=0.01), row(2.0, ranking_ms=0.03)]
    (verdict,) = Target(metric, reduction, bound).judge("section", rows)
    assert verdict.value == pytest.approx(value)
    assert verdict.reached is reached
    assert verdict.is_floor == (metric in (SHARE_OF_LIMIT, SPEEDUP))
    assert verdict.what == f"{reduction.__name__.replace('_', ' ')} of {metric.name}"


def test_every_number_of_threads_has_its_verdict():
    verdicts = Target(SPEEDUP, worst, 1.5).judge("section", [row(1.0, threads=2), row(2.0, threads=1), row(3.0)])
    assert [(verdict.threads, verdict.value, verdict.reached) for verdict in verdicts] == [(1, 2, True), (2, 1, False)]


def test_a_target_picks_its_rows():
    target = Target(SPEEDUP, worst, 1.0, "fast ones", lambda rows: [row for row in rows if row.speedup.value > 1.5])
    (verdict,) = target.judge("section", [row(1.0), row(2.0)])
    assert (verdict.value, verdict.what) == (2.0, "worst of speed-up, fast ones")
    assert target.judge("section", [row(1.0)]) == []
