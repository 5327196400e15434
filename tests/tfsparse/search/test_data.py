# SPDX-License-Identifier: Apache-2.0
"""The finalists of a search are trained on what it did not measure on, whatever else is in their folder."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from tfsparse.datasets import Dataset
from tfsparse.search.data import SearchData, finetuner


def finetuned(folder, seed, start):
    """The weights that come of finetuning a network of constant weights."""
    y = np.arange(40) % 2
    x = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    model = keras.Sequential(
        [keras.Input((3,)), layers.Dense(2, kernel_initializer=keras.initializers.Constant(start))]
    )
    parts = SearchData(Dataset(x, y, x[:2], y[:2]), model, 0.5, samples=10, seed=seed)
    finetuner(parts, folder, epochs=1, learning_rate=0.1)(model, [], "setting")
    return model.get_weights()[0]


def test_each_split_and_network_has_a_training_of_its_own(tmp_path):
    first = finetuned(tmp_path, 0, start=1.0)
    np.testing.assert_array_equal(finetuned(tmp_path, 0, start=1.0), first)
    assert (finetuned(tmp_path, 1, start=1.0) != first).any()
    assert (finetuned(tmp_path, 0, start=2.0) > first + 0.5).all()
