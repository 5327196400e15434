# SPDX-License-Identifier: Apache-2.0
"""Kinds of models, and the layers that they hold."""

from __future__ import annotations

import importlib.util
import os

import keras
import pytest
from keras import layers

from tests.utils.networks import build
from tfsparse.analysis.models import has_graph, named_layers, require_keras_model, weight_matrices
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError


def test_layers_of_nested_models_are_named_by_their_path():
    names = set(named_layers(build("nested_functional")))
    assert {"backbone/conv1", "backbone/conv2", "fc", "out"} <= names
    assert "backbone" not in names


def test_layers_inside_wrappers_are_reached():
    x = keras.Input((5, 4))
    y = layers.TimeDistributed(layers.Dense(3, name="inner"), name="wrapper")(x)
    assert {"wrapper", "wrapper/inner"} <= set(named_layers(keras.Model(x, y)))


def test_cells_of_recurrent_layers_are_not_listed():
    x = keras.Input((5, 4))
    assert list(named_layers(keras.Model(x, layers.LSTM(3, name="lstm")(x))))[1:] == ["lstm"]


def test_a_layer_that_is_reached_twice_is_listed_once():
    model = build("shared_model")
    found = list(named_layers(model).values())
    assert len(found) == len({id(layer) for layer in found})


def test_equal_names_get_numbers():
    class Twins(layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.first, self.second = layers.Dense(2, name="dense"), layers.Dense(2, name="dense")

        def call(self, x):
            return self.first(x) + self.second(x)

    x = keras.Input((4,))
    assert {"twins/dense", "twins/dense_1"} <= set(named_layers(keras.Model(x, Twins(name="twins")(x))))


def test_a_sequential_model_has_a_graph_once_it_has_shapes():
    model = keras.Sequential([layers.Dense(2)])
    assert not has_graph(model)
    model.build((None, 3))
    assert has_graph(model)


def test_weight_matrices_leave_out_normalization_and_biases():
    x = keras.Input((4, 4, 3))
    prelu, conv = layers.PReLU(), layers.Conv2D(2, 3)
    keras.Model(x, conv(prelu(x)))
    assert weight_matrices(prelu, prelu.weights) == []
    assert [weight.name for weight in weight_matrices(conv, conv.weights)] == ["kernel"]


def test_refuses_what_is_no_model():
    with pytest.raises(InvalidArgumentError, match=r"Expected: a keras.Model. Received: Dense"):
        require_keras_model(layers.Dense(2))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("tf_keras") is None, reason="tf_keras is not installed")
@pytest.mark.skipif(os.environ.get("KERAS_BACKEND", "tensorflow") != "tensorflow", reason="tf_keras is TensorFlow")
def test_refuses_a_model_of_keras_2():
    import tf_keras

    model = tf_keras.Sequential([tf_keras.layers.Dense(2, input_shape=(3,))])
    with pytest.raises(UnsupportedModelError, match=r"model of Keras 2.*model of Keras 3.*load_model"):
        require_keras_model(model)
