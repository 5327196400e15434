# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse as ts
from tests.utils.networks import build
from tfsparse.analysis import weight_distance
from tfsparse.errors import InvalidArgumentError


def moved(model, by):
    copy = keras.models.clone_model(model)
    generator = np.random.default_rng(0)
    copy.set_weights([weight + by * generator.normal(size=weight.shape) for weight in model.get_weights()])
    return copy


@pytest.mark.parametrize("name", ["nested_functional", "batch_normalization", "shared_layer"])
def test_agrees_with_one_vector_of_all_weights(name):
    model = build(name)
    other = moved(model, 0.1)
    one, two = (np.concatenate([np.ravel(w) for w in each.trainable_weights]) for each in (model, other))
    distance = weight_distance(model, other)
    assert distance.euclidean == pytest.approx(np.linalg.norm(one - two), rel=1e-5)
    assert distance.cosine == pytest.approx(one @ two / np.linalg.norm(one) / np.linalg.norm(two), rel=1e-5)
    squares = sum(layer.euclidean**2 for layer in distance.layers.values())
    assert distance.euclidean == pytest.approx(np.sqrt(squares), rel=1e-6)
    means = np.mean([[layer.euclidean, layer.cosine] for layer in distance.layers.values()], axis=0)
    assert distance.layer_mean() == pytest.approx(means)


def test_a_masked_copy_is_where_the_model_is():
    model = build("residual")
    distance = weight_distance(model, ts.sparsify(model, 0.5))
    assert (distance.euclidean, distance.cosine) == (0.0, pytest.approx(1.0))
    assert set(distance.layers) == {"conv1", "conv2", "conv3", "head"}


def test_refuses_other_models():
    one, other = (keras.Sequential([keras.Input((4,)), layers.Dense(size, name="fc")]) for size in (2, 3))
    with pytest.raises(InvalidArgumentError, match=r"differ in layer 'fc'.*10 trainable weights.*Received: 15"):
        weight_distance(one, other)
