# SPDX-License-Identifier: Apache-2.0
"""A small trained network on small digits, made once."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import pytest
from keras import layers

from tfsparse.datasets import load_digits


@pytest.fixture(scope="session")
def digits():
    """A trained network of three masks, its training part, and a validation and a test part that it has not seen."""
    keras.utils.set_random_seed(3)
    data = load_digits(side=8, seed=1)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(12, 3, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(24, 3, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(4),
            layers.Flatten(),
            layers.Dense(64, activation="relu", name="fc"),
            layers.Dense(10, name="logits"),
        ],
        name="digits",
    )
    model.compile(keras.optimizers.Adam(3e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(data.x_train[:900], data.y_train[:900], epochs=8, batch_size=50, verbose=0)
    return SimpleNamespace(
        model=model,
        train=(data.x_train[:900], data.y_train[:900]),
        validation=(data.x_train[900:], data.y_train[900:]),
        test=(data.x_test, data.y_test),
    )
