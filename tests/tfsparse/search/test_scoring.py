# SPDX-License-Identifier: Apache-2.0
"""Scores are those of Keras, for logits and probabilities, and unfit samples are refused."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tfsparse.errors import InvalidArgumentError
from tfsparse.search.scoring import Scorer

X = np.random.default_rng(0).normal(size=(50, 6)).astype("float32")
Y = np.random.default_rng(1).integers(0, 3, 50)


def classifier(activation=None):
    keras.utils.set_random_seed(0)
    return keras.Sequential([keras.Input((6,)), layers.Dense(3, activation=activation, name="out")])


@pytest.mark.parametrize("activation", [None, "softmax"])
def test_accuracy_and_loss_are_those_of_keras(activation):
    model = classifier(activation)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=activation is None)
    model.compile(loss=loss, metrics=["accuracy"])
    expected_loss, expected_accuracy = model.evaluate(X, Y, verbose=0)
    score = Scorer(model, X, Y, batch_size=16)(model)
    assert score.accuracy == pytest.approx(expected_accuracy)
    assert score.loss == pytest.approx(expected_loss, rel=1e-5)


def test_labels_that_do_not_fit_are_refused():
    model = classifier()
    for labels in (Y[:-1], Y + 1, Y - 1, Y.astype("float32"), np.eye(3)[Y]):
        with pytest.raises(InvalidArgumentError, match="labels do not fit"):
            Scorer(model, X, labels, batch_size=16)
    with pytest.raises(InvalidArgumentError, match="no classifier"):
        Scorer(keras.Sequential([keras.Input((6, 6)), layers.Dense(3)]), X, Y, batch_size=16)
    with pytest.raises(InvalidArgumentError, match="shape of the model's input"):
        Scorer(model, X[:, :5], Y, batch_size=16)
