# SPDX-License-Identifier: Apache-2.0
"""`tfsparse convert`, `verify` and `profile` on a `.keras` file."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest

import tfsparse
from tfsparse.inspection import describe_model


@pytest.fixture(scope="module")
def keras_file(tmp_path_factory):
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(8, 3, activation="relu", name="first")(inputs)
    x = tfsparse.layers.WTADropout(0.25, name="wta")(x)
    x = keras.layers.Conv2D(4, 3, name="second")(x)
    path = tmp_path_factory.mktemp("keras") / "model.keras"
    keras.Model(inputs, keras.layers.Dense(3)(keras.layers.Flatten()(x))).save(path)
    return path


@pytest.fixture(scope="module")
def fatrelu_file(tmp_path_factory):
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(8, 3, name="first")(inputs)
    x = keras.layers.Conv2D(4, 3, strides=2, name="second")(tfsparse.layers.FATReLU(0.1)(x))
    x = keras.layers.Flatten()(tfsparse.layers.FATReLU(0.1)(x))
    path = tmp_path_factory.mktemp("keras") / "fatrelu.keras"
    keras.Model(inputs, keras.layers.Dense(3, name="logits")(x)).save(path)
    return path


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "data.npz"
    images = np.random.default_rng(0).integers(0, 256, (5, 8, 8)).astype(np.uint8)
    np.savez(path, x_test=images, y_test=np.zeros(5, int))
    return path


def test_convert_writes_and_reports(cli, keras_file, tmp_path):
    output = tmp_path / "model.tflite"
    result = cli("convert", keras_file, "-o", output, "--json", tmp_path / "report.json")
    assert result.exit_code == 0, result.output
    assert "2 of 8 channels" in result.stdout
    assert json.loads((tmp_path / "report.json").read_text())["layers"][0]["layer"] == "wta"
    assert "TfSparseWinnerConv2D" in cli("inspect", output).output


def test_convert_with_builtin_operators_needs_no_library(cli, keras_file, tmp_path):
    output = tmp_path / "model.tflite"
    assert cli("convert", keras_file, "-o", output, "--lowering", "builtin").exit_code == 0
    assert "TfSparse" not in cli("inspect", output).output


@pytest.mark.parametrize(
    ("arguments", "native"),
    [
        ((), ["second", "logits"]),
        (("--skip-zeros", "none"), []),
        (("--skip-zeros", "all"), ["second", "logits"]),
        (("--skip-zeros", "none", "--accelerate-dense"), ["first"]),
    ],
)
def test_convert_takes_the_options_of_layers_without_winners(cli, fatrelu_file, tmp_path, arguments, native):
    output = tmp_path / "model.tflite"
    result = cli("convert", fatrelu_file, "-o", output, *arguments, "--json", tmp_path / "report.json")
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "report.json").read_text())["layers_without_winners"]
    assert [layer["layer"] for layer in found] == native


@pytest.mark.parametrize(("options", "samples"), [((), 5), (("--samples", 2), 2)])
def test_convert_goes_by_the_zeros_of_calibration_samples(cli, fatrelu_file, data, tmp_path, options, samples):
    output, report = tmp_path / "model.tflite", tmp_path / "report.json"
    result = cli("convert", fatrelu_file, "-o", output, "--calibration", data, *options, "--json", report)
    assert result.exit_code == 0, result.output
    found = json.loads(report.read_text())["input_zeros"]
    model = keras.models.load_model(fatrelu_file)
    x = np.load(data)["x_test"][:samples, ..., None] / np.float32(255)
    for zeros, name in zip(found, ["second", "logits"], strict=True):
        read = keras.Model(model.inputs, model.get_layer(name).input).predict(x, verbose=0)
        assert zeros["layer"] == name
        assert zeros["share"] == pytest.approx(np.mean(read == 0), abs=0.01)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--lowering", "builtin", "--skip-zeros", "all"), "is about operators of the native library"),
        (("--calibration", "DATA", "--skip-zeros", "all"), "is what `skip_zeros='auto'` goes by"),
        (("--samples", "3"), "`--samples` counts the samples of `--calibration`"),
    ],
)
def test_convert_refuses_options_that_exclude_one_another(cli, fatrelu_file, data, tmp_path, options, message):
    options = [data if option == "DATA" else option for option in options]
    result = cli("convert", fatrelu_file, "-o", tmp_path / "model.tflite", *options)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_convert_writes_the_kernel(cli, fatrelu_file, tmp_path):
    output = tmp_path / "model.tflite"
    assert cli("convert", fatrelu_file, "-o", output, "--kernel", "direct").exit_code == 0
    options = [operator.options for operator in describe_model(output).operators]
    assert [option["kernel"] for option in options if "kernel" in option] == ["direct"]


def test_convert_never_overwrites_unless_told(cli, keras_file, tmp_path):
    output = tmp_path / "model.tflite"
    output.write_text("old")
    refused = cli("convert", keras_file, "-o", output)
    assert refused.exit_code == 2
    assert "exists already" in refused.stderr
    assert output.read_text() == "old"
    assert cli("convert", keras_file, "-o", output, "--overwrite").exit_code == 0
    assert output.read_bytes()[4:8] == b"TFL3"


@pytest.mark.parametrize("name", ["none.keras", "model.h5", "text.txt"])
def test_convert_refuses_what_is_no_keras_file(cli, tmp_path, name):
    if name != "none.keras":
        (tmp_path / name).write_text("hello")
    result = cli("convert", tmp_path / name, "-o", tmp_path / "model.tflite")
    assert result.exit_code == 2
    assert name in result.stderr
    assert not (tmp_path / "model.tflite").exists()


def test_profile_prints_macs(cli, keras_file, data):
    result = cli("profile", keras_file, "--data", data, "--samples", 2, "--json", "-")
    stored = json.loads(result.stdout)
    assert stored["samples"] == 2
    assert stored["macs"] == 6 * 6 * 9 * 8 + 4 * 4 * 9 * 8 * 4 + 64 * 3
    assert "second" in cli("profile", keras_file, "--data", data).stdout


def test_profile_refuses_data_that_does_not_fit(cli, keras_file, tmp_path):
    path = tmp_path / "wrong.npz"
    np.savez(path, x_test=np.zeros((2, 5, 5), np.uint8), y_test=np.zeros(2, int))
    result = cli("profile", keras_file, "--data", path)
    assert result.exit_code == 2
    assert "shape" in result.stderr


def test_verify_agrees_with_what_was_converted(cli, keras_file, data, tmp_path):
    output = tmp_path / "model.tflite"
    cli("convert", keras_file, "-o", output)
    result = cli("verify", keras_file, output, "--data", data, "--json", tmp_path / "report.json")
    assert result.exit_code == 0
    assert "agree on 5 samples" in result.stdout
    assert json.loads((tmp_path / "report.json").read_text())["passed"] is True


def test_verify_names_the_layer_that_differs(cli, keras_file, data, tmp_path):
    model = keras.saving.load_model(keras_file)
    second = model.get_layer("second")
    second.set_weights([weight + 1.0 for weight in second.get_weights()])
    tfsparse.convert(model, tmp_path / "model.tflite")
    result = cli("verify", keras_file, tmp_path / "model.tflite", "--data", data)
    assert result.exit_code == 1
    assert "First layer that differs: second" in result.stdout
