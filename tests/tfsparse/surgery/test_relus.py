# SPDX-License-Identifier: Apache-2.0
"""Thresholds in the place of ReLUs."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops

import tfsparse as ts
from tests.utils.networks import build, predict, samples
from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.models import named_layers
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.layers import FATReLU
from tfsparse.surgery import relu_sites, replace_relus


def every_kind():
    """A ReLU of every kind: its own layer, built in, cut off, bare, nested and called twice, and what is none."""
    inner = keras.Sequential(
        [keras.Input((6, 6, 4)), layers.Conv2D(4, 1, activation="relu", name="conv")], name="inner"
    )
    x = keras.Input((6, 6, 2))
    y = layers.ReLU(name="own")(layers.BatchNormalization()(layers.Conv2D(4, 3, padding="same", name="plain")(x)))
    y = layers.Conv2D(4, 3, padding="same", activation="relu6", name="cut")(y)
    y = layers.Add()([inner(y), inner(-y)])
    y = layers.Activation("relu", name="activation")(layers.Conv2D(4, 1, name="more")(y))
    y = ops.relu(layers.Conv2D(4, 1, name="last")(y))
    y = layers.LeakyReLU(name="leaky")(layers.Conv2D(4, 1, activation="tanh", name="tanh")(y))
    return keras.Model(x, layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(y)))


KINDS = ["own", "cut", "inner/conv", "activation", "relu"]


@pytest.fixture
def model():
    keras.utils.clear_session()  # the bare operation is called "relu" again
    keras.utils.set_random_seed(0)
    return every_kind()


def test_finds_every_kind(model):
    assert set(relu_sites(model)) == set(KINDS)


@pytest.mark.parametrize("name", ["sequential", "residual"])
def test_threshold_of_zero_changes_nothing(name):
    original = build(name)
    copy = replace_relus(original, 0.0)
    x = samples(original)
    for expected, received in zip(predict(original, x), predict(copy, x), strict=True):
        np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)
    assert len(copy.trainable_weights) == len(original.trainable_weights)


@pytest.mark.parametrize("path", KINDS)
def test_forces_what_one_relu_returns(model, path):
    copy = replace_relus(model, {path: 0.1})
    (fatrelu,) = (layer for layer in named_layers(copy).values() if isinstance(layer, FATReLU))
    returned = []
    with observing([fatrelu], lambda layer, index, inputs, outputs: returned.append(to_numpy(outputs))):
        run(copy, samples(model))
    assert len(returned) == (2 if path == "inner/conv" else 1)
    for y in returned:
        assert y.max() > 0.1
        assert np.all((y == 0) | (y > 0.1))
    behind = keras.Model(copy.inputs, copy.outputs)  # the graph is whole
    np.testing.assert_allclose(predict(behind, samples(model))[0], predict(copy, samples(model))[0])


def test_a_cut_off_relu_keeps_its_maximum():
    relu6 = keras.Sequential([keras.Input((4,)), layers.ReLU(max_value=6.0, name="r")])
    x = np.array([[-1.0, 0.5, 3.0, 9.0]])
    assert predict(replace_relus(relu6, 1.0), x)[0].tolist() == [[0.0, 0.0, 3.0, 6.0]]


def test_thresholds_can_be_changed_again(model):
    once = replace_relus(model, 0.1)
    paths = relu_sites(once)
    twice = replace_relus(once, dict.fromkeys((path for path, at in paths.items() if isinstance(at, FATReLU)), 0.3))
    assert list(named_layers(twice)) == list(named_layers(once))
    assert {layer.threshold for layer in named_layers(twice).values() if isinstance(layer, FATReLU)} == {0.3}


def test_copy_is_compiled_saved_and_converted(model, tmp_path):
    model.compile("sgd", "mse")
    copy = replace_relus(model, 0.05)
    x = np.random.default_rng(0).normal(size=(8, 6, 6, 2)).astype("float32")
    copy.fit(x, np.zeros((8, 2)), verbose=0)
    copy.save(tmp_path / "copy.keras")
    again = keras.saving.load_model(tmp_path / "copy.keras")
    np.testing.assert_array_equal(predict(again, x)[0], predict(copy, x)[0])


def test_goes_together_with_masks(model):
    sparse = ts.sparsify(replace_relus(model, 0.05), 0.5)
    other = replace_relus(ts.sparsify(model, 0.5), 0.05)
    assert {type(layer).__name__ for layer in named_layers(sparse).values()} >= {"WTADropout", "FATReLU"}
    assert {type(layer).__name__ for layer in named_layers(other).values()} >= {"WTADropout", "FATReLU"}


def test_refuses_what_is_no_relu(model):
    with pytest.raises(InvalidArgumentError, match=r"'leaky', which is no ReLU.*inner/conv"):
        replace_relus(model, {"leaky": 0.1})
    with pytest.raises(InvalidArgumentError, match="Invalid `threshold`"):
        replace_relus(model, -0.1)
    with pytest.raises(InvalidArgumentError, match="no ReLU to replace"):
        replace_relus(keras.Sequential([keras.Input((4,)), layers.Dense(2)]), 0.1)


def test_refuses_a_relu_that_it_cannot_reach():
    class Block(layers.Layer):
        def __init__(self):
            super().__init__(name="block")
            self.relu = layers.ReLU(name="inside")

        def call(self, x):
            return self.relu(x)

    with pytest.raises(UnsupportedModelError, match="'block/inside' is inside a layer"):
        replace_relus(keras.Sequential([keras.Input((4,)), Block()]), 0.1)
