# SPDX-License-Identifier: Apache-2.0
"""A benchmark's result is complete, right where it can be checked, and as its schema says."""

from __future__ import annotations

import dataclasses
import importlib.resources
import json

import jsonschema
import numpy as np
import pytest

from tests.utils.graph_builder import GraphBuilder
from tfsparse import ops
from tfsparse.bench.cpus import Cpu
from tfsparse.bench.machine import Phone
from tfsparse.bench.models.layers import LayerShape, dense_layer, winner_layer
from tfsparse.bench.probes import add_probes
from tfsparse.bench.result import SCHEMA_FILE, SCHEMA_VERSION, Correct
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


PHONE = Phone(
    api_level=34,
    abi="arm64-v8a",
    battery_percent=80,
    battery_celsius=31.5,
    charging=False,
    power_save=None,
    thermal_before="none",
    thermal_after=None,
    waited_to_cool_s=0.0,
)


def test_a_phone_and_its_cores_fit_the_schema(schema, result):
    cpus = [Cpu(1_803_000, 576_000, "schedutil"), Cpu(None, None, None)]
    machine = dataclasses.replace(result.machine, cpus=cpus, affinity=[0, 1], phone=PHONE)
    good = json.loads(dataclasses.replace(result, machine=machine).to_json())
    jsonschema.validate(good, schema)
    for key, value in {"thermal_before": "warm", "battery_percent": 101, "waited_to_cool_s": None}.items():
        phone = {**good["machine"]["phone"], key: value}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**good, "machine": {**good["machine"], "phone": phone}}, schema)


def test_every_time_is_kept_and_summed_up(result):
    for side in (result.sparse, result.dense):
        assert len(side.times_ms) == side.latency_ms.runs == 30
        assert np.median(side.times_ms) == pytest.approx(side.latency_ms.median, abs=1e-6)
    assert np.median(np.divide(result.dense.times_ms, result.sparse.times_ms)) == pytest.approx(result.speedup.value)


def test_delegates_are_named(result):
    assert (result.sparse.delegate, result.dense.delegate) == ("tfsparse", "xnnpack")


def brightest_channel():
    """A classifier of eight classes, whose answer is the brightest of eight inputs."""
    builder = GraphBuilder()
    output = builder.fully_connected(builder.input([1, 8]), np.eye(8, dtype=np.float32), rows=1)
    return builder.finish([output])


def test_accuracy_is_that_of_the_labels():
    x = np.random.default_rng(0).permuted(np.tile(np.arange(8.0), (250, 1)), axis=1).astype(np.float32)
    y = x.argmax(axis=1)
    y[:50] = (y[:50] + 1) % 8
    steps = []
    result = bench(brightest_channel(), runs=2, warmup=1, data=x, labels=y[:200], advance=lambda: steps.append(1))
    assert result.sparse.accuracy == Correct(correct=150, samples=200)
    assert len(steps) == 3 + 2
    assert bench(brightest_channel(), runs=2, warmup=1, data=x).sparse.accuracy is None


def test_a_model_that_is_no_classifier_has_no_accuracy():
    images = np.ones((3, *SHAPE.input_shape[1:]), np.float32)
    assert bench(dense_layer(SHAPE), runs=2, data=images, labels=np.zeros(3, int)).sparse.accuracy is None


@pytest.mark.parametrize("labels", [np.zeros(0, int), np.zeros(4, int)])
def test_labels_without_samples_are_refused(labels):
    with pytest.raises(InvalidArgumentError, match="do not belong together"):
        bench(brightest_channel(), runs=2, data=np.zeros((3, 8), np.float32), labels=labels)
    with pytest.raises(InvalidArgumentError, match="0 samples"):
        bench(brightest_channel(), runs=2, labels=labels)


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


def test_the_layers_of_the_dense_model_are_timed_under_the_names_of_the_sparse_one(result):
    (layer,) = result.dense.operators
    assert (layer.op, layer.layer, layer.ranking_ms) == ("CONV_2D", "conv", 0.0)
    assert layer.phases_ms == {"layer": layer.total_ms}
    assert layer.total_ms > 0
    assert result.dense.rest_ms == pytest.approx(max(0.0, result.dense.latency_ms.median - layer.total_ms))
    assert (result.dense.model, result.dense.delegate) == ("bytes", "xnnpack")


def test_layers_are_left_out_on_demand_and_where_there_is_nothing_to_compare():
    without = bench(winner_layer(SHAPE, 0.25), dense_layer(SHAPE), runs=2, warmup=0, layers=False)
    assert (without.sparse.operators, without.dense.operators) == ([], [])
    assert bench(dense_layer(SHAPE), dense_layer(SHAPE), runs=2, warmup=0).dense.operators == []


def test_a_model_with_probes_tells_its_layers():
    result = bench(add_probes(dense_layer(SHAPE)), runs=2, warmup=0)
    assert [(layer.op, layer.layer) for layer in result.sparse.operators] == [("CONV_2D", "conv")]


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
