# SPDX-License-Identifier: Apache-2.0
"""Verdicts are right where the difference is large, rare where there is none, and withheld where nobody can tell."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.utils.results import MACHINE, PHONE, noisy, result, side
from tfsparse.bench.comparison import (
    FASTER,
    FEW_RUNS,
    SLOWER,
    UNDECIDED,
    _student_quantile,
    compare,
    ratio_of_medians,
    ratio_of_repeats,
)
from tfsparse.bench.cpus import Cpu
from tfsparse.bench.result import Correct
from tfsparse.errors import InvalidArgumentError
from tfsparse.inspection.macs import Macs

series = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=60)


def verdicts(base, new, confidence=0.95):
    (comparison,) = compare([("base", [base]), ("new", [new])], confidence).comparisons
    return {verdict.what: verdict for verdict in comparison.verdicts}


def warnings(base, new):
    (comparison,) = compare([("base", [base]), ("new", [new])]).comparisons
    return comparison.warnings


@pytest.fixture(scope="module")
def measured():
    generator = np.random.default_rng(1)
    return result(noisy(100, generator), noisy(100, generator, milliseconds=3.0))


@settings(max_examples=30)
@given(series, series)
def test_a_result_never_differs_from_itself(sparse, dense):
    count = min(len(sparse), len(dense))
    one = result(sparse[:count], dense[:count])
    assert {verdict.verdict for verdict in verdicts(one, one).values()} == {UNDECIDED}


@settings(max_examples=30)
@given(st.integers(0, 100), st.floats(1.2, 10.0))
def test_a_factor_is_found(seed, factor):
    times = noisy(50, np.random.default_rng(seed))
    slower = verdicts(result(times), result(factor * times))["sparse"]
    faster = verdicts(result(factor * times), result(times))["sparse"]
    assert (slower.verdict, faster.verdict) == (SLOWER, FASTER)
    assert slower.ratio.value == pytest.approx(factor)
    assert slower.ratio.low < factor < slower.ratio.high


def test_sides_and_the_speed_up_have_verdicts_of_their_own(measured):
    twice = result(2 * np.array(measured.sparse.times_ms), measured.dense.times_ms)
    found = verdicts(measured, twice)
    assert {what: verdict.verdict for what, verdict in found.items()} == {
        "sparse": SLOWER, "dense": UNDECIDED, "speed-up": SLOWER,
    }  # fmt: skip
    assert found["speed-up"].base == pytest.approx(2 * found["speed-up"].new)


def test_a_machine_that_slows_both_sides_leaves_the_speed_up(measured):
    slow = result(2 * np.array(measured.sparse.times_ms), 2 * np.array(measured.dense.times_ms))
    assert [verdict.verdict for verdict in verdicts(measured, slow).values()] == [SLOWER, SLOWER, UNDECIDED]


def test_a_model_that_one_result_lacks_has_no_verdict(measured):
    alone = result(measured.sparse.times_ms)
    assert list(verdicts(measured, alone)) == ["sparse"]


@pytest.mark.parametrize(("alike", "runs", "most"), [(0.0, 100, 0.09), (0.5, 100, 0.13), (0.8, 100, 0.18)])
def test_equals_are_rarely_told_apart(alike, runs, most):
    """Nominal are 5 %; 1000 trials saw 5, 7 and 12 %. 300 trials of these rates nearly always pass the bounds."""
    generator = np.random.default_rng(2)
    trials = 300
    false = 0
    for _ in range(trials):
        ratio = ratio_of_medians(noisy(runs, generator, alike), noisy(runs, generator, alike), 0.95)
        false += not ratio.low <= 1 <= ratio.high
    assert 0.01 <= false / trials <= most


def test_more_confidence_makes_a_wider_interval(measured):
    narrow, wide = (verdicts(measured, measured, confidence)["sparse"].ratio for confidence in (0.5, 0.99))
    assert wide.low < narrow.low <= narrow.high < wide.high


def test_small_differences_are_shown_by_many_runs():
    generator = np.random.default_rng(4)
    shown = [
        verdicts(result(noisy(runs, generator)), result(noisy(runs, generator, milliseconds=1.005)))["sparse"].verdict
        for runs in (30, 3000)
    ]
    assert shown == [UNDECIDED, SLOWER]


def test_few_runs_show_nothing():
    few = FEW_RUNS - 1
    assert verdicts(result([1.0] * few), result([9.0] * few))["sparse"].verdict == UNDECIDED
    assert any(f"only {few} runs" in warning for warning in warnings(result([1.0] * few), result([9.0] * few)))
    assert verdicts(result([1.0] * FEW_RUNS), result([9.0] * FEW_RUNS))["sparse"].verdict == SLOWER


@pytest.mark.parametrize(("percent", "fails"), [(0, True), (50, True), (150, False)])
def test_slower_by_percent_is_about_the_whole_interval(measured, percent, fails):
    twice = result(2 * np.array(measured.sparse.times_ms), measured.dense.times_ms)
    report = compare([("base", [measured]), ("new", [twice])])
    assert report.comparisons[0].is_slower_by(percent) is fails
    back = compare([("base", [twice]), ("new", [measured])])
    assert not back.comparisons[0].is_slower_by(percent)


def test_a_dense_model_that_got_slower_is_no_failure(measured):
    slow = result(measured.sparse.times_ms, 2 * np.array(measured.dense.times_ms))
    found = compare([("base", [measured]), ("new", [slow])]).comparisons[0]
    assert found.verdicts[1].verdict == SLOWER
    assert not found.is_slower_by(0)


def with_machine(**changes):
    return {"machine": dataclasses.replace(MACHINE, **changes)}


def with_phone(**changes):
    return with_machine(phone=dataclasses.replace(PHONE, **changes))


TIMES = [1.0] * FEW_RUNS


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (with_machine(soc="other"), "soc differs: processor and other"),
        (with_machine(affinity=None), "affinity differs"),
        (with_machine(cpus=[Cpu(None, None, "powersave")]), "governor differs: unknown and powersave"),
        (with_phone(thermal_before="severe"), "hot before the measurement .thermal status severe"),
        (with_phone(thermal_after="moderate"), "hot after the measurement"),
        (with_phone(power_save=True), "saving its battery"),
        ({"threads": 2}, "threads differs: 1 and 2"),
        ({"isa": None}, "isa differs: neon and None"),
        ({"input": "digits.npz"}, "input differs: random and digits.npz"),
        ({"versions": {"runtime": "1.0"}}, "version of the runtime differs: 2.0 and 1.0"),
        ({"sparse": side(TIMES, model="other.tflite")}, "name of the sparse model differs"),
        ({"sparse": side(TIMES, bytes=7)}, "size of the sparse model differs: 1000 bytes and 7 bytes"),
        ({"sparse": side(TIMES, macs=Macs(100, 60))}, "work of the sparse model differs: 50 MACs and 60 MACs"),
        ({"dense": side(TIMES, delegate="gpu")}, "delegate of the dense model differs"),
        ({"sparse": side(TIMES, accuracy=Correct(9, 10))}, "not measured and 90.00% of 10 samples"),
        ({"dense": None}, "number of models differs: 2 and 1"),
    ],
)  # fmt: skip
def test_what_differs_is_named(changes, message):
    base = result(TIMES, TIMES)
    found = warnings(base, dataclasses.replace(base, **changes))
    assert len(found) == 1
    assert re.search(message, found[0])


def test_a_cool_phone_is_no_reason_to_doubt():
    base = result(TIMES, TIMES, **with_phone(thermal_after="light"))
    assert warnings(base, base) == []


def test_every_result_is_beside_the_first(measured):
    report = compare([(name, [measured]) for name in "abc"])
    assert [(one.base, one.new) for one in report.comparisons] == [("a", "b"), ("a", "c")]
    assert json.loads(report.to_json())["comparisons"][1]["verdicts"][0]["verdict"] == UNDECIDED


def repeats(generator, count, milliseconds=1.0):
    """Results that differ from start to start by 5 %, and from run to run by 3 %."""
    starts = milliseconds * np.exp(0.05 * generator.normal(size=count))
    return [result(noisy(30, generator, milliseconds=start)) for start in starts]


@pytest.mark.parametrize("count", [2, 3, 5])
def test_repeats_of_equals_are_rarely_told_apart(count):
    """Nominal are 5 %; 300 trials of that rate pass 9 % once in 100 times. Single results are, most of the time."""
    generator = np.random.default_rng(6)
    trials = 300
    series = [[[one.sparse.times_ms for one in repeats(generator, count)] for _ in range(2)] for _ in range(trials)]
    false = sum(not (r := ratio_of_repeats(new, base, 0.95)).low <= 1 <= r.high for new, base in series)
    assert 0.005 <= false / trials <= 0.09
    alone = (ratio_of_medians(new[0], base[0], 0.95) for new, base in series[:60])
    assert sum(not ratio.low <= 1 <= ratio.high for ratio in alone) > 30


def test_repeats_show_what_is_larger_than_their_own_differences():
    generator = np.random.default_rng(7)
    base, new = repeats(generator, 4), repeats(generator, 4, milliseconds=1.5)
    (comparison,) = compare([("base", base), ("new", new)]).comparisons
    assert comparison.is_repeated
    assert comparison.repeats == (4, 4)
    (verdict,) = comparison.verdicts
    assert verdict.verdict == SLOWER
    assert verdict.ratio.low < verdict.ratio.value < verdict.ratio.high
    assert verdict.ratio.value == pytest.approx(verdict.new / verdict.base)
    assert not compare([("base", base), ("new", new[:1])]).comparisons[0].is_repeated


def test_student_s_distribution_is_that_of_the_tables():
    for freedom, share, expected in ((1, 0.975, 12.706), (4, 0.975, 2.776), (30, 0.975, 2.042), (1, 0.99995, 6366.2)):
        assert _student_quantile(freedom, share) == pytest.approx(expected, rel=1e-3)


def test_an_interval_that_nobody_can_narrow_is_still_json():
    base, new = ([result([low]), result([1e6])] for low in (1e-3, 2e-3))
    text = compare([("base", base), ("new", new)], confidence=0.9999).to_json()
    assert "Infinity" not in text
    assert "NaN" not in text


def test_repeats_of_few_runs_are_no_reason_to_doubt():
    base, new = [[result([scale * repeat] * 3) for repeat in (1.0, 1.01, 1.02)] for scale in (1, 2)]
    (comparison,) = compare([("base", base), ("new", new)]).comparisons
    assert [verdict.verdict for verdict in comparison.verdicts] == [SLOWER]
    assert comparison.warnings == []


def test_repeats_that_are_not_alike_are_named(measured):
    other = dataclasses.replace(measured, threads=2)
    (comparison,) = compare([("base", [measured, other]), ("new", [measured, measured])]).comparisons
    assert comparison.warnings == ["threads differs: 1 and 2"]


def test_one_result_or_no_confidence_is_refused(measured):
    with pytest.raises(InvalidArgumentError, match="two measurements"):
        compare([("a", [measured])])
    with pytest.raises(InvalidArgumentError, match="confidence"):
        compare([("a", [measured]), ("b", [measured])], 1.0)
