# SPDX-License-Identifier: Apache-2.0
"""Thresholds from calibration data."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tfsparse.analysis.histograms import activation_histograms
from tfsparse.errors import InvalidArgumentError
from tfsparse.surgery import quantile_thresholds, relu_sites, replace_relus, search_thresholds


@pytest.fixture(scope="module")
def task():
    """Two classes of small images, and a network that tells them apart."""
    keras.utils.set_random_seed(0)
    generator = np.random.default_rng(0)
    y = np.arange(128) % 2
    x = generator.normal(size=(128, 6, 6, 1)).astype("float32")
    x[y == 1, :3] += 0.7
    x[y == 0, 3:] += 0.7
    model = keras.Sequential([
        keras.Input((6, 6, 1)),
        layers.Conv2D(4, 3, padding="same", use_bias=False, name="conv1"),
        layers.BatchNormalization(),
        layers.ReLU(name="relu1"),
        layers.Conv2D(4, 3, activation="relu", name="conv2"),
        layers.Flatten(),
        layers.Dense(2, name="logits"),
    ])  # fmt: skip
    model.compile(keras.optimizers.Adam(0.01), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(x, y, epochs=10, batch_size=16, verbose=0)
    return model, x, y


def accuracy(model, x, y):
    return np.mean(np.argmax(model.predict(x, verbose=0), axis=1) == y)


@pytest.mark.parametrize("share", [0.7, 0.9])
def test_the_smallest_share_becomes_zero(task, share):
    model, x, _ = task
    thresholds = quantile_thresholds(model, x, share, layers=["relu1"])
    forced = replace_relus(model, thresholds)
    assert activation_histograms(forced, x, layers=["relu1"])["relu1"].zeros == pytest.approx(share, abs=0.01)


def test_enough_zeros_need_no_threshold(task):
    model, x, _ = task
    assert quantile_thresholds(model, x, {"relu1": 0.1, "conv2": 0.05}) == {"relu1": 0.0, "conv2": 0.0}


@pytest.mark.parametrize("share", [1.0, -0.1, float("nan"), "most"])
def test_refuses_a_bad_share(task, share):
    with pytest.raises(InvalidArgumentError, match="Invalid `share`"):
        quantile_thresholds(task[0], task[1], share)


def test_search_keeps_the_accuracy(task):
    model, x, y = task
    found = search_thresholds(model, x, y, accuracy_budget=0.05, levels=16)
    assert found.baseline == pytest.approx(accuracy(model, x, y))
    forced = replace_relus(model, found.thresholds)
    assert accuracy(forced, x, y) == pytest.approx(found.accuracy)
    assert found.accuracy >= found.baseline - 0.05
    assert set(found.thresholds) == set(relu_sites(model))
    zeros = {path: each.zeros for path, each in activation_histograms(model, x).items()}
    assert sum(found.sparsity.values()) > sum(zeros.values()) + 0.1
    forced_first = activation_histograms(forced, x, layers=["relu1"])["relu1"]
    assert forced_first.zeros == pytest.approx(found.sparsity["relu1"], abs=0.01)
    assert found.evaluations <= 2 + 2 * 4


def test_a_larger_budget_gives_more_zeros(task):
    model, x, y = task
    strict, free = (search_thresholds(model, x, y, budget, layers=["relu1"], levels=8) for budget in (0.0, 1.0))
    assert strict.accuracy >= strict.baseline
    assert free.sparsity["relu1"] > 0.9
    assert strict.thresholds["relu1"] <= free.thresholds["relu1"]


def test_search_goes_on_from_the_thresholds_that_are_there(task):
    model, x, y = task
    forced = replace_relus(model, {"relu1": 100.0, "conv2": 0.3})
    found = search_thresholds(forced, x, y, accuracy_budget=0.0, levels=4)
    assert found.baseline == accuracy(forced, x, y) < accuracy(model, x, y)
    assert found.thresholds["relu1"] == 100.0
    assert found.thresholds["conv2_fatrelu"] >= 0.3


def test_refuses_bad_arguments(task):
    model, x, y = task
    with pytest.raises(InvalidArgumentError, match="do not belong together"):
        search_thresholds(model, x, y[:5])
    with pytest.raises(InvalidArgumentError, match="Invalid `accuracy_budget`"):
        search_thresholds(model, x, y, accuracy_budget=-0.1)
    with pytest.raises(InvalidArgumentError, match="Invalid `levels`"):
        search_thresholds(model, x, y, levels=1)
    with pytest.raises(InvalidArgumentError, match="no classifier"):
        search_thresholds(keras.Sequential([keras.Input((6, 6, 1)), layers.ReLU()]), x, y)
