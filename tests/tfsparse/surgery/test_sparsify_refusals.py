# SPDX-License-Identifier: Apache-2.0
"""What cannot be made sparse is refused with the reason."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse as ts
from tests.utils.networks import build
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, x):
        return self.dense(x)


class Stubborn(layers.Layer):
    """A layer whose arguments get lost in its configuration."""

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return layers.Layer.get_config(self)


@pytest.mark.parametrize("rate", [0.0, 1.5, -0.1, float("nan"), None, "half"])
def test_refuses_rates_outside_their_range(rate):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `rates`.*number in \(0, 1\]"):
        ts.sparsify(build("sequential"), rate)
    with pytest.raises(InvalidArgumentError, match=r"Invalid `rates\['fc1'\]`"):
        ts.sparsify(build("sequential"), {"fc1": rate})


@pytest.mark.parametrize(
    ("network", "layer", "reason"),
    [
        ("sequential", "conv9", "the model has no such layer.*'conv2', 'fc1', 'fc2'.*named 'model/layer'"),
        ("sequential", "conv1", "reads the model's input"),
        ("preprocessing", "conv1", "reads the model's input"),
        ("nested_functional", "backbone/conv1", "reads the model's input"),
        ("depthwise_and_groups", "multiplied", "it is a DepthwiseConv2D of depth multiplier 2, not 1"),
        (
            "depthwise_and_groups",
            "transposed",
            "it is a Conv2DTranspose: only Conv1D, Conv2D, Conv3D, Dense, depthwise",
        ),
        ("depthwise_and_groups", "grouped", "convolution of 2 groups"),
    ],
)
def test_refuses_layers_that_cannot_read_winners(network, layer, reason):
    with pytest.raises(InvalidArgumentError, match=f"`rates` names layer '{layer}'.*{reason}"):
        ts.sparsify(build(network), {layer: 0.5})


def test_refuses_no_rates():
    with pytest.raises(InvalidArgumentError, match="`rates` is empty"):
        ts.sparsify(build("sequential"), {})


def test_refuses_an_unknown_score():
    with pytest.raises(InvalidArgumentError, match=r"Unknown `score`.*'max', 'mean' or None.*median"):
        ts.sparsify(build("sequential"), 0.5, score="median")


def test_refuses_a_model_without_consumers():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    with pytest.raises(UnsupportedModelError, match="has no layer that could read winners"):
        ts.sparsify(model, 0.5)


def test_refuses_a_subclassed_model():
    model = Subclassed()
    model(np.ones((1, 3)))
    with pytest.raises(UnsupportedModelError, match=r"is subclassed.*put tfsparse.layers.WTADropout into its call\(\)"):
        ts.sparsify(model, 0.5)


def test_refuses_a_sequential_model_without_shapes():
    with pytest.raises(UnsupportedModelError, match=r"no shapes yet.*keras.Input"):
        ts.sparsify(keras.Sequential([layers.Dense(2), layers.Dense(2)]), 0.5)


def test_refuses_what_is_no_model():
    with pytest.raises(InvalidArgumentError, match=r"no model.*keras.Model.*Received: str"):
        ts.sparsify("model.keras", 0.5)


def test_refuses_a_layer_that_cannot_be_copied():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2)(Stubborn(2.0, name="stubborn")(layers.Dense(4)(x))))
    with pytest.raises(UnsupportedModelError, match=r"Layer 'stubborn' \(Stubborn\) cannot be copied"):
        ts.sparsify(model, 0.5)
