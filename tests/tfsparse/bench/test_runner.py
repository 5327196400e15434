# SPDX-License-Identifier: Apache-2.0
"""A benchmark's result is complete, right where it can be checked, and as its schema says."""

from __future__ import annotations

import importlib.resources
import json

import jsonschema
import numpy as np
import pytest

from tfsparse import ops
from tfsparse.bench.models.layers import LayerShape, dense_layer, winner_layer
from tfsparse.bench.result import SCHEMA_FILE, SCHEMA_VERSION
from tfsparse.bench.runner import bench
from tfsparse.errors import InvalidArgumentError

SHAPE = LayerShape("test", "conv", "conv2d", height=12, width=12, channels=32, outputs=48, kernel=3, stride=1)


@pytest.fixture(scope="module")
def schema():
    return json.loads((importlib.resources.files("tfsparse.bench") / SCHEMA_FILE).read_text())


@pytest.fixture(scope="module")
def result():
    return bench(winner_layer(SHAPE, 0.25), dense_layer(SHAPE), runs=30, warmup=3)


def test_schema_is_a_schema(schema):
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["properties"]["schema_version"]["const"] == SCHEMA_VERSION


def test_results_of_two_models_and_of_one_fit_the_schema(schema, result):
    for measured in (result, bench(dense_layer(SHAPE), runs=2, warmup=0)):
        jsonschema.validate(json.loads(measured.to_json()), schema)


def test_schema_refuses_what_a_result_never_holds(schema, result):
    good = json.loads(result.to_json())
    for key in good:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({name: value for name, value in good.items() if name != key}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "extra": 1}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**good, "threads": 0}, schema)


def test_limit_follows_from_macs_and_speed_up(result):
    assert result.mac_ratio == pytest.approx(0.25)
    assert result.fraction_of_limit == pytest.approx(0.25 * result.speedup.value)
    assert result.sparse.winner_rates == {"conv": 0.25}
    assert result.dense.winner_rates == {}
    assert result.isa


def test_operators_and_the_rest_make_up_the_whole(result):
    assert [operator.op for operator in result.sparse.operators] == [ops.SelectWinners.NAME, ops.WinnerConv2D.NAME]
    select, conv = result.sparse.operators
    assert select.ranking_ms == pytest.approx(select.total_ms)
    assert conv.ranking_ms == 0
    assert result.sparse.ranking_ms == pytest.approx(select.total_ms)
    assert result.dense.operators == []
    assert result.dense.rest_ms == pytest.approx(result.dense.latency_ms.median)


def test_one_model_alone_has_nothing_to_compare():
    alone = bench(dense_layer(SHAPE), runs=2, warmup=0)
    assert (alone.dense, alone.speedup, alone.mac_ratio, alone.fraction_of_limit) == (None, None, None, None)
    assert alone.isa is None
    assert alone.sparse.latency_ms.runs == 2


def test_data_is_run_on():
    images = np.ones((3, *SHAPE.input_shape[1:]), np.float32)
    assert bench(dense_layer(SHAPE), runs=2, warmup=0, data=images, data_name="ones").input == "ones"


def test_data_of_another_shape_is_refused():
    with pytest.raises(InvalidArgumentError, match="do not fit the model's input"):
        bench(dense_layer(SHAPE), runs=2, data=np.ones((3, 5, 5, 32), np.float32))


def test_models_of_different_inputs_are_refused():
    other = LayerShape("test", "conv", "conv2d", height=6, width=6, channels=32, outputs=48, kernel=3, stride=1)
    with pytest.raises(InvalidArgumentError, match="different inputs"):
        bench(dense_layer(SHAPE), dense_layer(other), runs=2)


def test_no_runs_are_refused():
    with pytest.raises(InvalidArgumentError, match="number of runs"):
        bench(dense_layer(SHAPE), runs=0)
