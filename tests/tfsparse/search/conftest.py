# SPDX-License-Identifier: Apache-2.0
"""The digits network, trained on small digits, made once."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import pytest

from tfsparse.datasets import load_digits
from tfsparse.models import digits_net


@pytest.fixture(scope="session")
def digits():
    """A trained network of four masks, its training part, and a validation and a test part that it has not seen."""
    keras.utils.set_random_seed(3)
    data = load_digits(side=8, seed=1)
    model = digits_net((8, 8, 1))
    model.compile(keras.optimizers.Adam(2e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(data.x_train[:900], data.y_train[:900], epochs=8, batch_size=50, verbose=0)
    return SimpleNamespace(
        model=model,
        train=(data.x_train[:900], data.y_train[:900]),
        validation=(data.x_train[900:], data.y_train[900:]),
        test=(data.x_test, data.y_test),
    )
