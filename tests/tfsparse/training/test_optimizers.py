# SPDX-License-Identifier: Apache-2.0
"""Optimizers follow their settings: the learning rate over the steps, and what weight decay spares."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops

from tfsparse.training.optimizers import make_optimizer
from tfsparse.training.settings import Optimizer, Training


@pytest.fixture
def model():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, kernel_initializer="ones", bias_initializer="ones")])


def rates(model, at, **settings):
    optimizer = make_optimizer(model, Training(epochs=10, optimizer=Optimizer(**settings)), steps_per_epoch=10)
    found = []
    for step in at:
        optimizer.iterations.assign(step)
        found.append(float(ops.convert_to_numpy(optimizer.learning_rate)))
    return found


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"schedule": "constant"}, [1, 1, 1, 1, 1]),
        ({"schedule": "cosine"}, [1, 0.9938, 0.5, 0.0955, 0]),
        ({"schedule": "steps", "steps": [0.75, 0.5]}, [1, 1, 0.1, 0.01, 0.01]),
        ({"schedule": "constant", "warmup_epochs": 1}, [0, 0.5, 1, 1, 1]),
        ({"schedule": "steps", "warmup_epochs": 1}, [0, 0.5, 0.1, 0.01, 0.01]),
        ({"schedule": "cosine", "warmup_epochs": 1}, [0, 0.5, 0.5868, 0.1170, 0]),
    ],
)
def test_the_learning_rate_over_the_steps(model, settings, expected):
    assert rates(model, [0, 5, 50, 80, 100], learning_rate=1.0, **settings) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd", "rmsprop"])
def test_weight_decay_spares_biases(model, name):
    settings = Optimizer(name=name, learning_rate=0.5, weight_decay=0.1, schedule="constant")
    optimizer = make_optimizer(model, Training(optimizer=settings), steps_per_epoch=1)
    optimizer.build(model.trainable_variables)
    optimizer.apply([ops.zeros(weight.shape) for weight in model.trainable_variables])
    kernel, bias = model.get_weights()
    np.testing.assert_allclose(kernel, 0.95, rtol=1e-5)
    np.testing.assert_array_equal(bias, 1.0)
