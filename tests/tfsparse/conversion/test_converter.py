# SPDX-License-Identifier: Apache-2.0
"""`tfsparse.convert`: the file, the report, and what is refused."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys
import zipfile

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse
from tests.utils.wirings import build, randomize
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.conversion.pipeline import run_passes
from tfsparse.errors import ConversionError, InvalidArgumentError, ModelFormatError, UnsupportedModelError
from tfsparse.layers import WTADropout

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def small():
    x = keras.Input((6, 6, 3), name="image")
    y = WTADropout(0.5, name="wta")(layers.Conv2D(8, 3, activation="relu", name="first")(x))
    model = keras.Model(x, layers.Conv2D(4, 3, name="last")(y))
    randomize(model)
    return model


@pytest.fixture
def path(tmp_path) -> pathlib.Path:
    return tmp_path / "model.tflite"


def test_the_report_tells_what_became_of_each_layer(path):
    model, _ = build("residual_add")
    report = tfsparse.convert(model, path)
    (layer,) = report.layers
    assert (layer.became, layer.winners, layer.units, layer.unit) == ("winner operators", 4, 8, "channel")
    fused, masked = sorted(layer.consumers, key=lambda consumer: consumer.operator, reverse=True)
    assert (fused.operator, fused.fused, fused.reason) == ("TfSparseWinnerConv2D", True, None)
    assert (masked.operator, masked.fused, masked.reason) == ("ADD", False, "no fused form of ADD")
    assert report.bytes == path.stat().st_size


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("grouped_neighbour", "it is a grouped convolution"),
        ("depthwise_multiplied", "it makes 16 channels of 8: its depth multiplier is not 1"),
        ("depthwise_on_neurons", "its winners are neurons"),
        ("neurons_before_conv", "its winners are neurons"),
        ("masked_output", "the masked data itself is asked for"),
        ("concatenated", "no fused form of CONCATENATION"),
    ],
)
def test_the_report_says_why_not(name, reason, path):
    report = tfsparse.convert(build(name)[0], path)
    reasons = [consumer.reason for layer in report.layers for consumer in layer.consumers if not consumer.fused]
    assert reasons
    assert all(found.startswith(reason) for found in reasons)
    assert reason in str(report)


def test_the_report_counts_macs(small, path):
    report = tfsparse.convert(small, path)
    first, last = 4 * 4 * 8 * 27, 2 * 2 * 4 * 9 * 8
    assert (report.dense_macs, report.computed_macs) == (first + last, first + last // 2)
    assert [(op.layer, op.dense, op.computed) for op in report.operators] == [
        ("first", first, first),
        ("last", last, last // 2),
    ]


def test_the_report_as_json_and_text(small, path):
    report = tfsparse.convert(small, path)
    data = json.loads(report.to_json())
    assert data["layers"][0]["consumers"][0]["operator"] == "TfSparseWinnerConv2D"
    parts = {"layers", "layers_without_winners", "input_zeros", "operators"}
    assert set(data) == {"path", "bytes", "lowering", *parts, "dense_macs", "computed_macs"}
    assert "4 of 8 channels" in str(report)


def test_layers_that_keep_everything_are_reported(path):
    report = tfsparse.convert(build("masks_nothing")[0], path)
    assert [layer.became for layer in report.layers] == ["nothing: all win"] * 2


def test_a_model_without_masks_converts_too(path):
    x = keras.Input((4,))
    report = tfsparse.convert(keras.Model(x, layers.Dense(3)(x)), path)
    assert report.layers == ()
    assert "no winners-take-all layer" in str(report)
    assert report.dense_macs == report.computed_macs == 12


def test_a_keras_file_converts_to_the_same_bytes(small, path, tmp_path):
    small.save(tmp_path / "model.keras")
    tfsparse.convert(small, path)
    tfsparse.convert(tmp_path / "model.keras", tmp_path / "from_file.tflite")
    assert (tmp_path / "from_file.tflite").read_bytes() == path.read_bytes()


def test_no_marker_is_left_and_codes_are_versioned(small, path):
    tfsparse.convert(small, path)
    codes = read_model(path).operatorCodes
    assert {
        graph.text(code.customCode): (code.version, code.deprecatedBuiltinCode) for code in codes if code.customCode
    } == {
        "TfSparseSelectWinners": (1, 32),
        "TfSparseWinnerConv2D": (1, 32),
    }


def test_running_the_passes_again_changes_nothing(small, path):
    tfsparse.convert(small, path)
    model = read_model(path)
    run_passes(model)
    assert serialize(model) == path.read_bytes()


def test_the_converter_is_quiet(small, path, capfd):
    tfsparse.convert(small, path)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_an_existing_file_is_kept_unless_told(small, path):
    path.write_bytes(b"precious")
    with pytest.raises(ConversionError, match="exists already"):
        tfsparse.convert(small, path)
    assert path.read_bytes() == b"precious"
    tfsparse.convert(small, path, overwrite=True)
    assert path.read_bytes()[4:8] == b"TFL3"


def test_a_failing_export_leaves_the_old_file(path):
    path.write_bytes(b"precious")
    x = keras.Input((5, 4))
    with pytest.raises(ConversionError):
        tfsparse.convert(keras.Model(x, layers.LSTM(3)(x)), path, overwrite=True)
    assert [(entry.name, entry.read_bytes()) for entry in path.parent.iterdir()] == [("model.tflite", b"precious")]


def test_an_unknown_lowering_is_refused(small, path):
    with pytest.raises(InvalidArgumentError, match=r"Unknown `lowering`.*'custom' or 'builtin'.*magic"):
        tfsparse.convert(small, path, lowering="magic")


class Digamma(layers.Layer):
    def call(self, x):
        import tensorflow as tf

        return tf.math.digamma(x)

    def compute_output_shape(self, shape):
        return shape


def test_an_operator_that_tflite_lacks_is_named(path):
    x = keras.Input((4,))
    with pytest.raises(ConversionError, match=r"operator that .tflite lacks: Digamma.*Replace the layer"):
        tfsparse.convert(keras.Model(x, Digamma()(layers.Dense(3)(x))), path)
    assert not path.exists()


def test_a_model_without_weights_is_refused(path):
    x = keras.Input((4,))
    with pytest.raises(UnsupportedModelError, match=r"has no weights.*at least one weight"):
        tfsparse.convert(keras.Model(x, layers.ReLU()(x)), path)


def test_a_model_that_is_not_built_is_refused(path):
    with pytest.raises(UnsupportedModelError, match=r"is not built.*Call it once"):
        tfsparse.convert(keras.Sequential([layers.Dense(2)]), path)


def test_a_keras_2_model_is_refused_with_advice(path):
    import tf_keras

    old = tf_keras.Sequential([tf_keras.layers.Dense(2, input_shape=(3,))])
    with pytest.raises(UnsupportedModelError, match=r"a model of Keras 2.*Save it with"):
        tfsparse.convert(old, path)


@pytest.mark.parametrize("wrong", [None, 3, np.ones(3)])
def test_what_is_no_model_is_refused(wrong, path):
    with pytest.raises(InvalidArgumentError, match=r"is no model.*a keras.Model"):
        tfsparse.convert(wrong, path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("none.keras", None, "does not exist"),
        ("model.h5", b"\x89HDF", r"an HDF5 file.*save that as a .keras file"),
        ("model.onnx", b"onnx", "ends in .keras"),
        ("model.keras", b"no archive", r"cannot be loaded as a Keras model"),
    ],
)
def test_a_wrong_file_is_refused(name, content, message, path, tmp_path):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelFormatError, match=message):
        tfsparse.convert(tmp_path / name, path)


def test_a_saved_model_folder_is_refused(path, tmp_path):
    with pytest.raises(ModelFormatError, match=r"a folder \(a SavedModel\?\)"):
        tfsparse.convert(tmp_path, path)


def test_damaged_keras_files_are_refused(small, path, tmp_path):
    file = tmp_path / "model.keras"
    small.save(file)
    content = file.read_bytes()
    for share in (0.1, 0.5, 0.9):
        file.write_bytes(content[: int(share * len(content))])
        with pytest.raises(ModelFormatError, match="cannot be loaded"):
            tfsparse.convert(file, path)


def test_a_keras_file_of_another_configuration_is_refused(small, path, tmp_path):
    small.save(tmp_path / "model.keras")
    with zipfile.ZipFile(tmp_path / "model.keras") as old, zipfile.ZipFile(tmp_path / "new.keras", "w") as new:
        for entry in old.namelist():
            content = old.read(entry)
            new.writestr(entry, content.replace(b'"winner_rate": 0.5', b'"winner_rate": 7.5'))
    with pytest.raises(ModelFormatError, match="cannot be loaded"):
        tfsparse.convert(tmp_path / "new.keras", path)


ON_JAX = """
import sys, numpy, keras, tfsparse
from tests.utils.wirings import build
assert keras.backend.backend() == "jax"
model, inputs = build("nested")
tfsparse.convert(model, sys.argv[1])
assert tfsparse.verify(model, sys.argv[1], inputs[0]).passed

class Local(keras.layers.Layer):
    def call(self, x):
        return 2 * x

x = keras.Input((4,))
try:
    tfsparse.convert(keras.Model(x, Local()(keras.layers.Dense(2)(x))), sys.argv[2])
except tfsparse.errors.ConversionError as error:
    assert "registered and importable" in str(error), error
else:
    raise AssertionError("a class that only this process knows cannot be exported by another")
"""


@pytest.mark.slow
def test_a_model_of_another_backend_is_exported_by_another_process(tmp_path):
    environment = {**os.environ, "KERAS_BACKEND": "jax", "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", ON_JAX, str(tmp_path / "a.tflite"), str(tmp_path / "b.tflite")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "b.tflite").exists()
