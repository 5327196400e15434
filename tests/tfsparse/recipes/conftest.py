# SPDX-License-Identifier: Apache-2.0
"""Little data and a recipe that takes seconds."""

from __future__ import annotations

import pytest

from tfsparse.datasets import Dataset, load_digits
from tfsparse.recipes.files import parse_recipe

TRAINING = {"epochs": 1, "batch_size": 32, "optimizer": {"learning_rate": 0.01}}


@pytest.fixture(scope="session")
def digits():
    """300 digits of 8 by 8 pixels."""
    all_digits = load_digits(side=8)
    return Dataset(all_digits.x_train[:200], all_digits.y_train[:200], all_digits.x_test[:100], all_digits.y_test[:100])


@pytest.fixture(scope="session")
def recipe_of():
    """A recipe of the given stages for a tiny LeNet-4."""

    def make(*stages, **settings):
        options = {"model": "lenet4", "model_options": {"width": 0.1}, "profiled_samples": 20, **settings}
        return parse_recipe({"name": "tiny", **options, "stages": list(stages)}, "tiny")

    return make


@pytest.fixture(scope="session")
def dense():
    """The settings of a short dense stage."""
    return {"stage": "dense", **TRAINING}


@pytest.fixture(scope="session")
def winners():
    """The settings of a short winners stage."""
    return {"stage": "winners", "rounds": 2, "accuracy_budget": 1.0, "calibration_samples": 50, "finetune": TRAINING}
