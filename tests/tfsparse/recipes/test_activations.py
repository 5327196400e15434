# SPDX-License-Identifier: Apache-2.0
"""The stage `activations`: penalties, thresholds before and after training, and what it refuses."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from tfsparse.analysis.models import named_layers
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import FATReLU
from tfsparse.recipes.files import parse_recipe
from tfsparse.recipes.runner import run_recipe
from tfsparse.recipes.stages.activations import Regularizer


@pytest.fixture
def net():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(6, 3, activation="relu", name="conv1"),
            layers.Flatten(name="flatten"),
            layers.Dense(10, name="logits"),
        ]
    )


def thresholds(model):
    return [layer.threshold for layer in named_layers(model).values() if isinstance(layer, FATReLU)]


def test_thresholds_after_training_need_no_training(net, digits, recipe_of, tmp_path):
    stage = {"stage": "activations", "search_thresholds": True, "finetune": None, "accuracy_budget": 1.0}
    result = run_recipe(recipe_of(stage), digits, tmp_path / "run", model=net, export=False)
    assert thresholds(result.model)[0] > 0
    assert result.stages[0].activation_zeros > 0.9  # any loss of accuracy is allowed
    assert not result.history


def test_the_smallest_are_cut_off_while_the_penalty_adapts(net, digits, recipe_of, tmp_path):
    stage = {
        "stage": "activations",
        "regularizer": {"name": "near_zero_l1", "l": 1e-4},
        "adaptive": {},
        "smallest": 0.7,
        "layers": ["conv*"],
        "accuracy_budget": 1.0,
        "finetune": {"epochs": 2, "batch_size": 50},
    }
    result = run_recipe(recipe_of(stage), digits, tmp_path / "run", model=net, export=False)
    assert result.stages[0].activation_zeros == pytest.approx(0.7, abs=0.1)
    first, last = result.history
    assert 0 < first["threshold/conv1_fatrelu"] <= last["threshold/conv1_fatrelu"] == thresholds(result.model)[0]
    assert last["activation_weight/conv1_fatrelu"] > first["activation_weight/conv1_fatrelu"]
    assert "activation_weight/conv1" not in first  # what comes before the threshold is left alone


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "give a regularizer, smallest, or search_thresholds"),
        ({"regularizer": {}, "finetune": None}, "needs finetune"),
        ({"smallest": 0.5, "adaptive": {}}, "adaptive needs a regularizer"),
        ({"regularizer": {"name": "l2"}}, "name"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, message):
    with pytest.raises(InvalidArgumentError, match=message):
        parse_recipe({"name": "x", "stages": [{"stage": "activations", **settings}]}, "x")


def test_the_grid_has_all_pairs():
    assert list(Regularizer(l=[1e-5, 1e-4], beta=[0.5, 1.0]).grid()) == [
        (1e-5, 0.5), (1e-5, 1.0), (1e-4, 0.5), (1e-4, 1.0)
    ]  # fmt: skip
    assert list(Regularizer(name="l1", l=1e-5, beta=[0.5, 1.0]).grid()) == [(1e-5, 0.5)]
