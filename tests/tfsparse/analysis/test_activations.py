# SPDX-License-Identifier: Apache-2.0
"""Watching layers while a model runs."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tests.utils.networks import build, samples
from tfsparse.analysis.activations import observing, run, to_numpy


class Block(layers.Layer):
    """A layer that calls another one twice."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(4, name="dense")

    def call(self, x):
        return self.dense(self.dense(x))


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.block = Block(name="block")

    def call(self, x):
        return self.block(x) * 2.0


def test_sees_inputs_and_outputs_in_order():
    model = build("residual")
    seen = {}
    with observing(model.layers, lambda layer, index, inputs, outputs: seen.update({layer.name: (inputs, outputs)})):
        run(model, samples(model))
    np.testing.assert_array_equal(to_numpy(seen["conv2"][0]), to_numpy(seen["conv1"][1]))
    assert isinstance(next(inputs for name, (inputs, _) in seen.items() if name.startswith("add")), list | tuple)


def test_sees_layers_inside_subclassed_models():
    model = Subclassed()
    x = np.ones((3, 4), "float32")
    model(x)
    calls = []
    with observing([model.block.dense], lambda layer, index, inputs, outputs: calls.append(index)):
        run(model, x)
    assert calls == [0, 1]


def test_ends_with_the_block_even_after_an_error():
    dense = layers.Dense(2)
    calls = []
    with pytest.raises(RuntimeError), observing([dense], lambda *seen: calls.append(seen)):
        raise RuntimeError
    dense(np.ones((1, 2)))
    assert calls == []
    assert "call" not in vars(dense)


def test_a_layer_that_is_listed_twice_is_seen_once():
    dense = layers.Dense(2)
    calls = []
    with observing([dense, dense], lambda *seen: calls.append(seen)):
        dense(np.ones((1, 2)))
    assert len(calls) == 1


def test_the_model_trains_as_before_afterwards():
    model = build("sequential")
    x = samples(model)
    with observing(model.layers, lambda *seen: None):
        run(model, x)
    model.compile("sgd", "mse")
    assert np.isfinite(model.fit(x, np.zeros((3, 4)), verbose=0).history["loss"][0])


def test_runs_in_inference_mode():
    model = keras.Sequential([keras.Input((50,)), layers.Dropout(0.5)])
    seen = []
    with observing(model.layers, lambda layer, index, inputs, outputs: seen.append(to_numpy(outputs))):
        run(model, np.ones((2, 50), "float32"))
    np.testing.assert_array_equal(seen[0], 1.0)
