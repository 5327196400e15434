# SPDX-License-Identifier: Apache-2.0
"""Keras models as `.tflite` bytes with markers."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from google.protobuf import text_format
from keras import layers

from tests.utils.wirings import randomize
from tfsparse.conversion import graph
from tfsparse.conversion.export import _marker_attributes, export_model
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.conversion.op_codec import decode_marker
from tfsparse.errors import ConversionError, UnsupportedModelError
from tfsparse.layers import WTADropout
from tfsparse.layers.export_hook import WinnerSpec
from tfsparse.ops import WTA_MARKER, SelectWinners
from tfsparse.runtime.interpreter import Interpreter


def two_convolutions(**dropout) -> keras.Model:
    x = keras.Input((6, 6, 3), name="image")
    y = layers.Conv2D(8, 3, activation="relu", name="first")(x)
    y = WTADropout(**{"winner_rate": 0.5, "name": "wta", **dropout})(y)
    model = keras.Model(x, layers.Conv2D(4, 3, name="last")(y))
    randomize(model)
    return model


def names_of_tensors(model) -> list[str]:
    return [graph.text(tensor.name) for tensor in model.subgraphs[0].tensors]


def markers(model) -> list[SelectWinners]:
    operators = model.subgraphs[0].operators
    return [decode_marker(op.customOptions) for op in operators if graph.op_name(model, op) == WTA_MARKER]


@pytest.mark.parametrize("score", ["max", "mean"])
@pytest.mark.parametrize(("unit", "rate", "winners"), [("channel", 0.25, 2), ("neuron", 0.1, 13)])
def test_a_layer_becomes_one_marker_with_its_attributes(score, unit, rate, winners):
    model = read_model(export_model(two_convolutions(score=score, unit=unit, winner_rate=rate), "custom"))
    assert markers(model) == [SelectWinners("wta", winners, pytest.approx(rate), score, unit)]


def test_the_batch_is_open_and_nothing_else():
    model = read_model(export_model(two_convolutions(), "custom"))
    main = model.subgraphs[0]
    for index in [*main.inputs, *main.outputs]:
        assert list(main.tensors[index].shapeSignature) == [-1, *graph.shape_of(main.tensors[index])[1:]]


def test_weights_are_constants():
    model = read_model(export_model(two_convolutions(), "custom"))
    operators = [graph.op_name(model, operator) for operator in model.subgraphs[0].operators]
    assert operators == ["CONV_2D", WTA_MARKER, "CONV_2D"]


def test_tensors_carry_the_names_of_their_layers():
    names = names_of_tensors(read_model(export_model(two_convolutions(), "custom")))
    assert {"image", "first", "last"} <= set(names)


def test_a_layer_whose_bias_is_zero_keeps_its_name():
    x = keras.Input((4,), name="x")
    model = keras.Model(x, layers.ReLU(name="head")(layers.Dense(3, name="linear")(layers.Dense(5, name="deep")(x))))
    assert {"deep"} <= set(names_of_tensors(read_model(export_model(model, "custom"))))


def test_tensors_inside_a_layer_are_named_after_it():
    x = keras.Input((4,), name="x")
    model = keras.Model(x, layers.Dense(3, activation="softmax", name="head")(x))
    randomize(model)
    exported = read_model(export_model(model, "custom"))
    names = [graph.text(exported.subgraphs[0].tensors[op.outputs[0]].name) for op in exported.subgraphs[0].operators]
    assert names == ["head/BiasAdd", "head"]


def test_nested_layers_are_named_by_their_path():
    inner = two_convolutions()
    x = keras.Input((6, 6, 3))
    outer = keras.Model(x, layers.Flatten()(inner(x)))
    exported = read_model(export_model(outer, "custom"))
    assert f"{inner.name}/first" in names_of_tensors(exported)
    assert markers(exported)[0].layer == f"{inner.name}/wta"


def test_later_calls_of_a_layer_are_numbered():
    x = keras.Input((4,))
    dense = layers.Dense(4, activation="tanh", name="shared")
    model = keras.Model(x, layers.ReLU()(dense(dense(x))))
    randomize(model)
    assert {"shared", "shared#2"} <= set(names_of_tensors(read_model(export_model(model, "custom"))))


def test_inputs_and_outputs_keep_names_and_order():
    inputs = [keras.Input((3,), name="zebra"), keras.Input((2,), name="ape")]
    y = layers.Concatenate()(inputs)
    model = keras.Model(inputs, [layers.Dense(4, name="second")(y), layers.Dense(5, name="first")(y)])
    exported = read_model(export_model(model, "custom"))
    main, signature = exported.subgraphs[0], exported.signatureDefs[0]
    assert [graph.text(main.tensors[i].name) for i in main.inputs] == ["zebra", "ape"]
    assert [graph.text(main.tensors[i].name) for i in main.outputs] == ["second", "first"]
    assert {graph.text(entry.name) for entry in signature.inputs} == {"zebra", "ape"}
    assert {graph.text(entry.name) for entry in signature.outputs} == {"second", "first"}


def test_names_that_tensorflow_does_not_take_are_kept():
    inputs = [keras.Input((3,), name="my-input.1"), keras.Input((2,), name="über all")]
    model = keras.Model(inputs, layers.Dense(4, name="head")(layers.Concatenate()(inputs)))
    exported = read_model(export_model(model, "custom"))
    assert [graph.text(entry.name) for entry in exported.signatureDefs[0].inputs] == ["my-input.1", "über all"]


def test_a_dictionary_of_inputs_is_taken_in_the_order_of_the_model():
    inputs = {name: keras.Input((size,), name=name) for name, size in (("zebra", 3), ("ape", 2))}
    model = keras.Model(inputs, layers.Dense(4)(layers.Concatenate()([inputs["zebra"], inputs["ape"]])))
    randomize(model)
    values = {"zebra": np.ones((2, 3), np.float32), "ape": np.full((2, 2), 3, np.float32)}
    predicted = Interpreter(export_model(model, "custom")).predict(values)
    np.testing.assert_allclose(predicted, np.asarray(model(values)), rtol=1e-5)


@pytest.mark.parametrize("name", ['quote"d', "back\\slash", "grün", "new\nline", "plain/name_1"])
def test_any_layer_name_survives_the_text_format(name):
    from tensorflow.core.framework.attr_value_pb2 import NameAttrList

    parsed = text_format.Parse(_marker_attributes(WinnerSpec(name, 3, 0.5, "max", "channel"), name), NameAttrList())
    assert parsed.attr["layer"].s.decode() == name
    assert parsed.attr["winners"].i == 3


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_is_exported_in_float32_and_the_model_is_left_alone(policy):
    keras.config.set_dtype_policy(policy)
    try:
        model = two_convolutions()
    finally:
        keras.config.set_dtype_policy("float32")
    exported = read_model(export_model(model, "custom"))
    assert {graph.TENSOR_TYPE_NAMES[tensor.type] for tensor in exported.subgraphs[0].tensors} <= {"FLOAT32", "INT32"}
    assert {layer.dtype_policy.name for layer in [model, *model.layers[1:]]} == {policy}


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_weights_are_refused(dtype):
    x = keras.Input((4,), dtype=dtype)
    with pytest.raises(UnsupportedModelError, match=f"not float32.*Received: {dtype}"):
        export_model(keras.Model(x, layers.Dense(2, dtype=dtype)(x)), "custom")


def test_an_open_axis_is_refused():
    x = keras.Input((None, 4), name="sequence")
    with pytest.raises(UnsupportedModelError, match=r"Input 'sequence'.*axes of unknown size"):
        export_model(keras.Model(x, layers.Dense(3)(x)), "custom")


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense, self.dropout, self.head = layers.Dense(8, name="deep"), WTADropout(0.5), layers.Dense(2)

    def call(self, x, training=False):
        return self.head(self.dropout(self.dense(x)))


def test_a_subclassed_model_that_was_called_is_exported():
    model = Subclassed()
    x = np.ones((5, 4), np.float32)
    model(x)
    randomize(model)
    exported = read_model(export_model(model, "builtin"))
    assert "deep" in names_of_tensors(exported)
    np.testing.assert_allclose(Interpreter(serialize(exported)).predict(x), np.asarray(model(x)), rtol=1e-5, atol=1e-6)


def test_a_subclassed_model_of_several_inputs_is_refused():
    class TwoInputs(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(2)

        def call(self, x):
            return self.dense(x["a"] + x["b"])

    model = TwoInputs()
    model({"a": np.ones((1, 3)), "b": np.ones((1, 3))})
    with pytest.raises(UnsupportedModelError, match=r"cannot be told.*keras.Model\(x, model\(x\)\)"):
        export_model(model, "custom")


def test_an_operator_that_the_converter_refuses_is_named():
    x = keras.Input((5, 4))
    with pytest.raises(ConversionError, match=r"tf.TensorListReserve.*batch_size=1"):
        export_model(keras.Model(x, layers.LSTM(3)(x)), "custom")


def test_an_error_inside_a_layer_names_the_model():
    class Fails(layers.Layer):
        def call(self, x):
            raise RuntimeError("out of luck")

        def compute_output_spec(self, x):
            return keras.KerasTensor(x.shape)

    x = keras.Input((4,))
    model = keras.Model(x, Fails()(layers.Dense(2)(x)), name="unlucky")
    with pytest.raises(ConversionError, match=r"refuses model 'unlucky'[\s\S]*out of luck"):
        export_model(model, "custom")


@pytest.mark.parametrize("unit", ["channel", "neuron"])
@pytest.mark.parametrize("score", ["max", "mean"])
def test_builtin_masks_break_ties_like_the_layer(unit, score):
    x = keras.Input((4, 4, 6))
    model = keras.Model(x, layers.ReLU()(WTADropout(0.5, score=score, unit=unit)(x)))
    values = np.random.default_rng(3).integers(0, 3, (40, 4, 4, 6)).astype(np.float32)  # full of ties
    values[0] = 1.0
    values[1] = 0.0
    predicted = Interpreter(export_model(model, "builtin")).predict(values)
    np.testing.assert_array_equal(predicted, np.asarray(model(values)))


def test_builtin_masks_never_hide_a_nan_or_let_an_infinite_loser_through():
    x = keras.Input((6,))
    model = keras.Model(x, WTADropout(0.34)(x))
    values = np.array([[1, 2, np.nan, 4, 5, 6], [np.inf, np.inf, np.inf, 0, 0, 0]], np.float32)
    np.testing.assert_array_equal(
        Interpreter(export_model(model, "builtin")).predict(values), np.asarray(model(values))
    )
