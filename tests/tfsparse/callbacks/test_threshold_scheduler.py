# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tfsparse.callbacks import ActivationRegularization, ThresholdScheduler
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import FATReLU
from tfsparse.regularizers import NearZeroL1

X = np.random.default_rng(0).normal(size=(32, 8)).astype("float32")
Y = X[:, :2]


def build():
    keras.utils.set_random_seed(0)
    stages = [layers.Dense(16), FATReLU(0.1, name="first"), layers.Dense(16), FATReLU(name="second")]
    model = keras.Sequential([keras.Input((8,)), *stages, layers.Dense(2)])
    model.compile("sgd", "mse")
    return model


def test_thresholds_rise_and_stay():
    model = build()
    scheduler = ThresholdScheduler({"first": 1.0, "*": 0.5}, epochs=4)
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[scheduler]).history
    assert history["threshold/first"] == [0.25, 0.5, 0.75]
    assert history["threshold/second"] == [0.125, 0.25, 0.375]
    history = model.fit(X, Y, epochs=5, initial_epoch=3, verbose=0, callbacks=[scheduler]).history
    assert history["threshold/first"] == [1.0, 1.0]


def test_training_meets_the_threshold_without_a_new_trace():
    model = build()
    before = model.predict(X, verbose=0)
    model.fit(X, Y, verbose=0, callbacks=[ThresholdScheduler(1e6, epochs=1)])
    model.get_layer("first").threshold = 0.1
    after = model.predict(X, verbose=0)
    assert np.ptp(after, axis=0).max() == 0.0  # the bias alone is left behind the second ReLU
    assert np.ptp(before, axis=0).max() > 0.0


def test_together_with_a_penalty_near_zero():
    """The method STAR: what the thresholds cut off, the penalty has made small."""
    model = build()
    penalty = ActivationRegularization(NearZeroL1(0.01, limit=0.4))
    history = model.fit(X, Y, epochs=3, verbose=0, callbacks=[penalty, ThresholdScheduler(0.4, epochs=3)]).history
    assert set(penalty.weights) == {"first", "second"}
    assert history["threshold/second"][-1] == pytest.approx(0.4)
    assert all(np.isfinite(history["loss"]))


def test_refuses_bad_arguments():
    with pytest.raises(InvalidArgumentError, match="Invalid `epochs`"):
        ThresholdScheduler(0.5, epochs=0)
    with pytest.raises(InvalidArgumentError, match="Invalid `threshold`"):
        ThresholdScheduler({"first": -0.5}, epochs=1)
    with pytest.raises(InvalidArgumentError, match=r"No FATReLU layer is named 'third'.*first, second"):
        build().fit(X, Y, verbose=0, callbacks=[ThresholdScheduler({"third": 0.5}, epochs=1)])
