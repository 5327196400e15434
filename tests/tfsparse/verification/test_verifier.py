# SPDX-License-Identifier: Apache-2.0
"""`tfsparse.verify` agrees where it should, and names what differs."""

from __future__ import annotations

import dataclasses
import json

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse
from tests.utils.wirings import WIRINGS, build, randomize
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.conversion.op_codec import encode_options, options_of
from tfsparse.errors import InvalidArgumentError, ModelFormatError, UnsupportedModelError
from tfsparse.layers import WTADropout

X = np.random.default_rng(0).normal(size=(9, 6, 6, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    x = keras.Input((6, 6, 3), name="image")
    y = layers.Conv2D(8, 3, activation="relu", name="first")(x)
    y = layers.Conv2D(6, 3, activation="relu", name="second")(WTADropout(0.5, name="wta")(y))
    built = keras.Model(x, layers.Dense(4, name="head")(layers.Flatten(name="flat")(y)))
    randomize(built)
    return built


@pytest.fixture(scope="module")
def content(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("verify") / "model.tflite"
    tfsparse.convert(model, path)
    return path.read_bytes()


def changed(content: bytes, layer: str, change) -> bytes:
    """The file after `change(model, operator)` of the operator that computes a layer."""
    tree = read_model(content)
    main = tree.subgraphs[0]
    names = {graph.text(main.tensors[operator.outputs[0]].name): operator for operator in main.operators}
    change(tree, names[layer])
    return serialize(tree)


def other_bias(tree, operator):
    tensor = tree.subgraphs[0].tensors[operator.inputs[-1]]
    tree.buffers[tensor.buffer].data = (graph.constant_value(tree, tensor) + 1).view(np.uint8)


def test_a_right_file_passes(model, content):
    report = tfsparse.verify(model, content, X)
    assert report.passed
    assert (report.samples, report.first_difference) == (9, None)
    assert [layer.name for layer in report.layers] == ["first", "second", "flat", "head"]
    assert report.not_compared == ("wta",)
    assert all(row.max_relative_error < 1e-5 for row in [*report.layers, *report.outputs])


@pytest.mark.parametrize("name", [name for name in WIRINGS if name not in ("two_in_two_out",)])
def test_every_wiring_passes(name, tmp_path):
    built, inputs = build(name)
    tfsparse.convert(built, tmp_path / "model.tflite")
    report = tfsparse.verify(built, tmp_path / "model.tflite", inputs[0])
    assert report.passed, str(report)
    assert len(report.layers) >= 1


@pytest.mark.parametrize("lowering", ["custom", "builtin"])
def test_several_inputs_by_order_and_by_name(lowering, tmp_path):
    built, inputs = build("two_in_two_out")
    tfsparse.convert(built, tmp_path / "model.tflite", lowering=lowering)
    for x in (inputs, dict(zip(["image", "extra"], inputs, strict=True))):
        report = tfsparse.verify(built, tmp_path / "model.tflite", x)
        assert report.passed, str(report)
        assert [output.name for output in report.outputs] == ["second", "first"]


@pytest.mark.parametrize("layer", ["first", "second", "head"])
def test_the_first_layer_that_differs_is_named(layer, model, content):
    wrong = changed(content, layer, other_bias)
    report = tfsparse.verify(model, wrong, X)
    assert not report.passed
    assert report.first_difference == layer
    assert f"First layer that differs: {layer}" in str(report)
    assert not any(output.agrees for output in report.outputs)


def test_too_few_winners_are_noticed_where_they_are_used(model, content):
    def fewer(tree, operator):
        options = dataclasses.replace(options_of(operator, tree), winners=3)
        operator.customOptions = encode_options(options)
        tensor = tree.subgraphs[0].tensors[operator.outputs[0]]
        tensor.shape, tensor.shapeSignature = np.array([1, 3], np.int32), np.array([-1, 3], np.int32)

    report = tfsparse.verify(model, changed(content, "wta/winners", fewer), X)
    assert (report.passed, report.first_difference) == (False, "second")


def test_winners_too_close_to_call_are_not_held_against_the_file():
    """Two channels score almost the same in one sample, and the file's rounding picks the other one."""

    def network(first_channel: float):
        x = keras.Input((2, 2, 2), name="image")
        y = layers.Conv2D(2, 1, name="rounding")(x)
        built = keras.Model(x, layers.Conv2D(3, 1, name="head")(WTADropout(0.5, name="wta")(y)))
        kernel = np.diag([first_channel, 1.0]).reshape(1, 1, 2, 2)
        built.set_weights([kernel, np.zeros(2), np.ones(()), np.arange(6.0).reshape(1, 1, 2, 3), np.ones(3)])
        return built

    values = np.random.default_rng(1).normal(size=(6, 2, 2, 2)).astype(np.float32)
    values[2, ..., 1] = values[2, ..., 0] * np.float32(1.000002)
    content = converted(network(1.000005))
    report = tfsparse.verify(network(1.0), content, values)
    assert report.passed, str(report)
    assert [output.undecided for output in report.outputs] == [1]
    assert [layer.undecided for layer in report.layers] == [0, 1]
    assert not tfsparse.verify(network(1.0), content, values[2:3]).passed, "no sample is left that counts"


def converted(model) -> bytes:
    import pathlib
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "model.tflite")
        tfsparse.convert(model, path)
        return path.read_bytes()


@pytest.mark.parametrize("runtime", ["ai_edge_litert", "tensorflow"])
def test_the_runtime_can_be_chosen(runtime, model, content):
    assert tfsparse.verify(model, content, X, runtime=runtime).runtime == runtime


def test_a_keras_file_can_be_given(model, content, tmp_path):
    model.save(tmp_path / "model.keras")
    assert tfsparse.verify(tmp_path / "model.keras", content, X).passed


def test_mixed_precision_models_are_compared_in_float32():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        built, inputs = build("plain")
    finally:
        keras.config.set_dtype_policy("float32")
    report = tfsparse.verify(built, converted(built), inputs[0])
    assert report.passed
    assert all(row.max_relative_error < 1e-5 for row in report.layers)


def test_the_report_as_json(model, content):
    data = json.loads(tfsparse.verify(model, content, X).to_json())
    assert data["passed"] is True
    assert data["layers"][0].keys() == {
        "name", "max_absolute_error", "max_relative_error", "undecided", "agrees"
    }  # fmt: skip


def test_a_tighter_tolerance_fails(model, content):
    assert not tfsparse.verify(model, content, X, tolerance=1e-12).passed


@pytest.mark.parametrize("tolerance", [0.0, -1.0, 1.0, float("nan")])
def test_a_wrong_tolerance_is_refused(tolerance, model, content):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `tolerance`.*number in \(0, 1\)"):
        tfsparse.verify(model, content, X, tolerance=tolerance)


def test_no_samples_are_refused(model, content):
    with pytest.raises(InvalidArgumentError, match="at least one sample"):
        tfsparse.verify(model, content, X[:0])


def test_a_wrong_shape_is_refused(model, content):
    with pytest.raises(InvalidArgumentError, match=r"wrong shape"):
        tfsparse.verify(model, content, X[..., :2])


def test_wrong_names_are_refused(model, content):
    with pytest.raises(InvalidArgumentError, match=r"not named as in the model.*image"):
        tfsparse.verify(model, content, {"picture": X})


def test_a_file_of_another_model_is_refused(model):
    x = keras.Input((6, 6, 3))
    other = keras.Model(x, layers.Conv2D(2, 3)(x))
    with pytest.raises(InvalidArgumentError, match=r"not made of this model.*outputs of"):
        tfsparse.verify(model, converted(other), X)


def test_samples_that_do_not_fill_a_fixed_batch_are_refused():
    x = keras.Input((4,), batch_size=2)
    built = keras.Model(x, layers.Dense(3)(x))
    content = converted(built)
    assert tfsparse.verify(built, content, np.ones((4, 4), np.float32)).passed
    with pytest.raises(InvalidArgumentError, match="a multiple of 2 samples"):
        tfsparse.verify(built, content, np.ones((3, 4), np.float32))


def test_a_missing_file_is_refused(model, tmp_path):
    with pytest.raises(ModelFormatError, match="cannot be read"):
        tfsparse.verify(model, tmp_path / "none.tflite", X)


def test_a_model_that_is_not_built_is_refused(content):
    with pytest.raises(UnsupportedModelError, match="is not built"):
        tfsparse.verify(keras.Sequential([layers.Dense(2)]), content, X)
