# SPDX-License-Identifier: Apache-2.0
"""A stored result comes back as it was; anything else is refused with its place, never with a crash."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import importlib.resources
import json

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utils.phones import REPOSITORY
from tests.utils.results import MACHINE, PHONE, result, side
from tfsparse.bench.cpus import Cpu
from tfsparse.bench.operators import OperatorTime
from tfsparse.bench.reading import parse_result, read_result
from tfsparse.bench.result import SCHEMA_FILE, SCHEMA_VERSION, Correct
from tfsparse.errors import InvalidArgumentError

APP_RESULTS = REPOSITORY / "android_bench/app/src/test/resources/results"
SCHEMA = json.loads((importlib.resources.files("tfsparse.bench") / SCHEMA_FILE).read_text())

FULL = dataclasses.replace(
    result([1.0, 2.0], [2.0, 5.0]),
    machine=dataclasses.replace(MACHINE, cpus=[Cpu(1, None, "powersave")], phone=PHONE),
    sparse=side(
        [1.0, 2.0],
        delegate="tfsparse",
        winner_rates={"conv": 0.5},
        operators=[OperatorTime("op", "conv", 0.5, 0.1, {"rank": 0.1, "rest": 0.4})],
        accuracy=Correct(3, 4),
    ),
    mac_ratio=0.5,
    fraction_of_limit=0.6,
)
GOOD = json.loads(FULL.to_json())

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(value, path=()):
    """Every place of a JSON value."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def changed(path, value):
    broken = copy.deepcopy(GOOD)
    inner = broken
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return broken


@pytest.mark.parametrize("stored", [FULL, result([1.0])])
def test_a_result_comes_back_as_it_was(stored, tmp_path):
    path = tmp_path / "result.json"
    path.write_text(stored.to_json())
    jsonschema.validate(json.loads(path.read_text()), SCHEMA)
    assert read_result(path) == stored


@pytest.mark.parametrize("path", sorted(APP_RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_results_of_the_app_are_read(path):
    assert read_result(path).machine.phone.abi == "arm64-v8a"


def test_the_app_has_results_to_read():
    assert len(list(APP_RESULTS.glob("*.json"))) >= 3


@given(st.sampled_from([path for path in places(GOOD) if path]), json_values)
def test_a_changed_value_is_read_or_refused(path, value):
    with contextlib.suppress(InvalidArgumentError):
        assert parse_result(json.dumps(changed(path, value)), "file").schema_version == SCHEMA_VERSION


@given(st.binary(max_size=50) | json_values.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused(content):
    with pytest.raises(InvalidArgumentError, match="no benchmark result"):
        parse_result(content, "file")


@given(st.integers(0, len(FULL.to_json()) - 2))
def test_a_file_that_was_cut_off_is_refused(length):
    with pytest.raises(InvalidArgumentError, match="JSON"):
        parse_result(FULL.to_json()[:length], "file")


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("schema_version",), 1, "schema_version 2. Received: 1"),
        (("threads",), "2", "an integer at threads"),
        (("threads",), True, "an integer at threads"),
        (("sparse", "latency_ms", "median"), float("nan"), "a number at sparse.latency_ms.median"),
        (("sparse", "init_ms"), 10**400, "a number at sparse.init_ms"),
        (("machine", "cpus", 0, "governor"), 3, r"a text at machine.cpus\[0\].governor"),
        (("machine", "cpus"), {}, "a list at machine.cpus"),
        (("machine", "phone"), [], "an object at machine.phone"),
        (("sparse", "times_ms"), [1.0], "2 numbers at sparse.times_ms"),
        (("sparse", "times_ms"), [1.0, 0.0], "positive numbers, at least one at sparse.times_ms"),
        (("dense", "latency_ms", "runs"), 3, "3 numbers at dense.times_ms"),
        (("speedup",), None, "at speedup"),
        (("speedup", "low"), 100.0, "low to high at speedup"),
        (("extra",), 1, "the keys schema_version"),
    ],
)
def test_the_place_is_named(path, value, message):
    with pytest.raises(InvalidArgumentError, match=message):
        parse_result(json.dumps(changed(path, value)), "file")


def test_sides_of_unequal_runs_are_refused():
    dense = json.loads(result([1.0], [1.0]).to_json())["dense"]
    with pytest.raises(InvalidArgumentError, match=r"2 numbers at dense.times_ms"):
        parse_result(json.dumps(changed(("dense",), dense)), "file")


def test_nesting_without_end_is_refused():
    with pytest.raises(InvalidArgumentError, match="JSON"):
        parse_result("[" * 100_000, "file")
