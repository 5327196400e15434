# SPDX-License-Identifier: Apache-2.0
"""`tfsparse bench` and its subcommands measure, print, and write JSON."""

from __future__ import annotations

import dataclasses
import importlib.resources
import json

import jsonschema
import numpy as np
import pytest

from tests.utils import results
from tests.utils.graph_builder import GraphBuilder
from tfsparse.bench.machine import Phone


def test_two_models_are_compared(cli, sparse_file, dense_file):
    result = cli("bench", sparse_file, "--against", dense_file, "--runs", 5, "--warmup", 1)
    assert result.exit_code == 0
    assert "sparse: sparse.tflite" in result.output
    assert "dense: dense.tflite" in result.output
    assert "Speed-up" in result.output
    assert "MACs 25.0% of dense" in result.output
    assert "TfSparseWinnerConv2D" in result.output
    row = next(line for line in result.output.splitlines() if line.startswith("conv ") and "25%" in line)
    assert row.endswith(("█", "▒", "·", "▶"))


def test_layers_are_drawn(cli, sparse_file, dense_file, tmp_path):
    picture = tmp_path / "layers.svg"
    arguments = ["bench", sparse_file, "--against", dense_file, "--runs", 2, "--json", "-", "--plot", picture]
    result = cli(*arguments)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["dense"]["operators"][0]["layer"] == "conv"
    assert picture.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--plot", "layers.gif"], "ends in .svg"),
        (["--plot", "layers.svg", "--no-layers"], "--layers"),
        (["--no-layers"], ""),
    ],
)
def test_pictures_need_layers_and_a_known_format(cli, sparse_file, dense_file, arguments, message):
    result = cli("bench", sparse_file, "--against", dense_file, "--runs", 2, *arguments)
    assert result.exit_code == (2 if message else 0)
    assert message in result.stderr
    assert "Layers, median" not in result.output


def test_a_stored_result_is_shown_as_it_was(cli, sparse_file, dense_file, tmp_path):
    stored, picture = tmp_path / "result.json", tmp_path / "layers.png"
    measured = cli("bench", sparse_file, "--against", dense_file, "--runs", 3, "--json", stored).stdout
    assert cli("bench", "show", stored, "--sparse", sparse_file).stdout == measured
    assert " 25% " not in cli("bench", "show", stored, "--plot", picture).stdout
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_a_phone_is_named_and_a_ranking_that_was_not_timed_is_no_zero(cli, tmp_path):
    told = results.result([1.0, 1.0])
    phone = Phone(34, "arm64-v8a", None, None, None, None, None, None, 0.0)
    machine = dataclasses.replace(told.machine, device="Maker Phone 9", system="Android 14", phone=phone)
    sparse = dataclasses.replace(told.sparse, winner_rates={"layer": 0.5})
    stored = tmp_path / "result.json"
    stored.write_text(dataclasses.replace(told, machine=machine, sparse=sparse).to_json())
    shown = cli("bench", "show", stored).stdout
    assert shown.startswith("Maker Phone 9, Android 14, ")
    assert "not timed" in shown


def test_what_is_no_stored_result_is_told(cli, sparse_file, dense_file, tmp_path):
    missing = cli("bench", "show", tmp_path / "none.json")
    assert (missing.exit_code, "cannot be used" in missing.stderr) == (2, True)
    assert cli("bench", "show", sparse_file).exit_code == 2
    alone = tmp_path / "alone.json"
    cli("bench", dense_file, "--runs", 2, "--json", alone)
    assert "no layer to draw" in cli("bench", "show", alone, "--plot", tmp_path / "layers.svg").stderr


def test_a_dense_model_gets_probes(cli, sparse_file, dense_file):
    layers = dense_file.with_name("dense.layers.tflite")
    assert f"Wrote {layers}" in cli("bench", "probes", dense_file, "--like", sparse_file).output
    assert "CONV_2D" in cli("bench", layers, "--runs", 2).output
    again = cli("bench", "probes", dense_file)
    assert again.exit_code == 2
    assert "exists already" in again.stderr
    assert cli("bench", "probes", dense_file, "--overwrite").exit_code == 0
    assert "Only a dense model" in cli("bench", "probes", sparse_file).stderr


@pytest.mark.parametrize("before", [[], ["model"], ["--runs", 2]])
def test_the_command_is_model_unless_named(cli, dense_file, before):
    result = cli("bench", *before, dense_file, "--warmup", 0, "--json", "-")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["sparse"]["model"] == "dense.tflite"


def test_help_names_the_commands(cli):
    assert all(name in cli("bench", "--help").output for name in ("model", "layers", "probes", "show", "suite"))
    assert "--against" in cli("bench", "model", "--help").output


def test_one_model_alone_is_timed(cli, dense_file):
    output = cli("bench", dense_file, "--runs", 2).output
    assert "median" in output
    assert "Speed-up" not in output


def test_json_fits_the_schema(cli, sparse_file, dense_file):
    result = cli("bench", sparse_file, "--against", dense_file, "--runs", 3, "--json", "-")
    schema = json.loads((importlib.resources.files("tfsparse.bench") / "result.schema.json").read_text())
    jsonschema.validate(json.loads(result.stdout), schema)


def test_data_and_threads_are_used(cli, dense_file, tmp_path):
    data = tmp_path / "data.npz"
    np.savez(data, x_test=np.ones((4, 6, 6, 8), np.float32), y_test=np.zeros(4, int))
    result = cli("bench", dense_file, "--data", data, "--runs", 2, "--threads", 2, "--json", "-")
    stored = json.loads(result.stdout)
    assert (stored["input"], stored["threads"]) == ("data.npz", 2)


@pytest.fixture
def classified(tmp_path):
    """A classifier that answers 3 for everything, and samples of which two are 3."""
    builder = GraphBuilder()
    weights = np.zeros((8, 8), np.float32)
    weights[3] = 1
    model, data = tmp_path / "classifier.tflite", tmp_path / "data.npz"
    model.write_bytes(builder.finish([builder.fully_connected(builder.input([1, 8]), weights, rows=1)]))
    np.savez(data, x_test=np.ones((4, 8), np.float32), y_test=np.array([3, 1, 3, 0]))
    return model, data


def test_accuracy_is_measured_on_labelled_data(cli, classified):
    model, data = classified
    arguments = "bench", model, "--against", model, "--data", data, "--runs", 2
    assert cli(*arguments).output.count("50.00% of 4") == 2
    stored = json.loads(cli(*arguments, "--samples", 3, "--json", "-").stdout)
    assert stored["sparse"]["accuracy"] == stored["dense"]["accuracy"] == {"correct": 2, "samples": 3}


def test_samples_need_data(cli, dense_file):
    result = cli("bench", dense_file, "--samples", 3)
    assert result.exit_code == 2
    assert "--data" in result.stderr


def test_runtime_is_chosen(cli, dense_file):
    stored = json.loads(cli("bench", dense_file, "--runs", 2, "--runtime", "tensorflow", "--json", "-").stdout)
    assert stored["runtime"] == "tensorflow"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--against", "none.tflite"], "none.tflite"),
        (["--data", "none.npz"], "none.npz"),
        (["--runtime", "tflite_runtime"], "pip install"),
    ],
)
def test_what_is_missing_is_named(cli, dense_file, arguments, message):
    result = cli("bench", dense_file, "--runs", 2, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_layers_are_measured(cli, tmp_path):
    path = tmp_path / "layers.json"
    result = cli(
        "bench", "layers", "--network", "mobilenet_v1", "--rate", 0.5, "--runs", 2, "--warmup", 0, "--json", path
    )
    assert result.exit_code == 0
    assert "mobilenet_v1 pointwise13" in result.output
    assert "Geometric mean of the efficiency on mobilenet_v1" in result.output
    stored = json.loads(path.read_text())
    assert len(stored["layers"]) == 9
    assert all(layer["winner_rate"] == 0.5 for layer in stored["layers"])


@pytest.mark.parametrize(
    ("arguments", "message"), [(["--network", "vgg"], "alexnet, vgg16, resnet18"), (["--rate", "0"], "winner_rate")]
)
def test_wrong_layers_and_rates_are_refused(cli, arguments, message):
    result = cli("bench", "layers", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
