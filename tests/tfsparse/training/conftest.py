# SPDX-License-Identifier: Apache-2.0
"""A little network with all that makes resuming hard: dropout, batch statistics, momenta, averaged weights."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tfsparse.datasets.batches import EvaluationBatches, TrainingBatches
from tfsparse.training.fit import Leg
from tfsparse.training.settings import Optimizer, Training

FEATURES, CLASSES, SAMPLES = 6, 3, 100


@pytest.fixture(scope="session")
def training():
    """Four epochs of three batches."""
    return Training(epochs=4, batch_size=40, optimizer=Optimizer(learning_rate=0.01, warmup_epochs=1, ema=0.9))


@pytest.fixture(scope="session")
def build():
    """Builds the network, the same weights each time."""

    def build_model():
        keras.utils.set_random_seed(1)
        return keras.Sequential(
            [
                keras.Input((FEATURES,)),
                layers.Dense(8, activation="relu", name="hidden"),
                layers.BatchNormalization(name="norm"),
                layers.Dropout(0.3, name="dropout"),
                layers.Dense(CLASSES, name="logits"),
            ],
            name="little",
        )

    return build_model


@pytest.fixture(scope="session")
def samples():
    """Inputs and labels that can be learned."""
    rng = np.random.default_rng(0)
    y = np.arange(SAMPLES) % CLASSES
    return rng.normal(size=(SAMPLES, FEATURES)).astype(np.float32) + y[:, None], y


@pytest.fixture(scope="session")
def leg(samples):
    """Makes a leg in a folder."""

    def make(folder, **options):
        x, y = samples
        return Leg(
            folder=folder,
            batches=TrainingBatches(x, y, (FEATURES,), batch_size=40, seed=3),
            validation=EvaluationBatches(x[:20], y[:20], (FEATURES,)),
            seed=5,
            **options,
        )

    return make
