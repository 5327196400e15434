# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse as ts
from tfsparse.analysis import winner_statistics
from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.models import named_layers
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import WTADropout

X = np.random.default_rng(0).normal(size=(9, 6, 6, 2)).astype("float32")


def masked():
    keras.utils.set_random_seed(0)
    stages = [layers.Conv2D(8, 3, activation="relu", name="conv1"), layers.Conv2D(6, 3, name="conv2")]
    model = keras.Sequential([keras.Input((6, 6, 2)), *stages, layers.Flatten(), layers.Dense(10, name="fc"),
                              layers.Dense(2, name="out")])  # fmt: skip
    return ts.sparsify(model, 0.4)


def test_counts_as_sets_do():
    model, won = masked(), {}

    def note(layer, index, inputs, outputs):
        values = to_numpy(outputs)
        axes = (1, 2) if values.ndim == 4 else ()
        won[layer.name] = [
            set(np.flatnonzero(row)) for row in np.any(values != 0, axis=axes, keepdims=True).reshape(9, -1)
        ]

    with observing([layer for layer in named_layers(model).values() if isinstance(layer, WTADropout)], note):
        run(model, X)
    statistics = winner_statistics(model, X, batch_size=9)
    assert set(statistics) == set(won)
    for path, sets in won.items():
        found = statistics[path]
        frequency = [np.mean([unit in winners for winners in sets]) for unit in range(len(found.frequency))]
        np.testing.assert_allclose(found.frequency, frequency)
        jaccard = [len(a & b) / len(a | b) for a, b in itertools.combinations(sets, 2)]
        assert found.overlap == pytest.approx(np.mean(jaccard))
        assert found.samples == 9


def test_frequencies_do_not_depend_on_batches():
    one, other = (winner_statistics(masked(), X, batch_size=size) for size in (1, 4))
    for path, found in one.items():
        np.testing.assert_allclose(other[path].frequency, found.frequency)
        assert found.overlap is None
        assert 0 <= other[path].overlap <= 1


def test_refuses_a_model_without_masks():
    with pytest.raises(InvalidArgumentError, match="has no WTADropout layer"):
        winner_statistics(keras.Sequential([keras.Input((4,)), layers.Dense(2)]), np.ones((1, 4)))
