# SPDX-License-Identifier: Apache-2.0
"""Recipes are found, changed and checked; what is wrong in one is named with its place."""

from __future__ import annotations

import json

import pytest

from tfsparse.errors import InvalidArgumentError
from tfsparse.models.catalog import find_model
from tfsparse.recipes.files import load_recipe, parse_recipe, published_recipes, recipe_yaml


@pytest.mark.parametrize("name", published_recipes())
def test_published_recipes_are_right_and_named_like_their_files(name):
    recipe = load_recipe(name)
    assert recipe.name == name
    if recipe.model is not None:
        find_model(recipe.model)
        assert name.endswith(f"-{recipe.model}")


def test_a_recipe_written_and_read_is_the_same(tmp_path):
    recipe = load_recipe("dasnet", "lenet4")
    (tmp_path / "copy.yaml").write_text(recipe_yaml(recipe))
    (tmp_path / "copy.json").write_text(json.dumps(recipe.model_dump(mode="json")))
    assert load_recipe(tmp_path / "copy.yaml") == recipe
    assert load_recipe(tmp_path / "copy.json") == recipe


def test_overrides_change_what_they_name():
    places = [
        "seed=3",
        "stages.0.epochs=1",
        "stages.winners.finetune.optimizer.name=sgd",
        "stages.winners.energy={conv2: 0.9}",
    ]
    recipe = load_recipe("dasnet", "lenet4", places)
    assert recipe.seed == 3
    assert recipe.stages[0].epochs == 1
    assert recipe.stages[1].finetune.optimizer.name == "sgd"
    assert recipe.stages[1].energy == {"conv2": 0.9}


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "PLACE=VALUE"),
        ("stages.7.epochs=1", "leads nowhere"),
        ("stages.prune.sparsity=0.5", "leads nowhere"),
        ("stages.0.epoch=1", r"unknown key stages\.0\.epoch \(did you mean epochs\?\)"),
        ("stages.0.epochs=0", r"stages\.0\.epochs should be greater than or equal to 1, not 0"),
        ("stages.0.stage=drop", "unknown stage, 'drop'"),
        ("stages.0.optimizer.learning_rate=.nan", "learning_rate"),
        ("stages.0.optimizer.warmup_epochs=99", "has to be below epochs"),
        ("stages.winners.energy=1.5", r"used: stages\.1\.energy should be less than or equal to 1, not 1\.5\."),
        ("stages.winners.energy=all", r"used: stages\.1\.energy should be a valid number[^;]*\."),
        ("stages.winners.energy={fc1: 0}", r"stages\.1\.energy\.fc1 should be greater than 0, not 0"),
        ("stage.winners.energy=0.9", r"unknown key stage \(did you mean stages\?\)"),
        ("stages.1={stage: winners, rates: {conv2: 0.5}, energies: [0.9]}", "energies or rates"),
        ("data.validation_share=1", "less than 1"),
        ("stages=[]", "stages"),
        ("seed=[", "not YAML"),
    ],
)
def test_mistakes_are_named(override, message):
    with pytest.raises(InvalidArgumentError, match=message):
        load_recipe("dasnet", "lenet4", [override])


def test_all_mistakes_are_listed_at_once():
    with pytest.raises(
        InvalidArgumentError, match=r"unknown key color.*stages is missing|stages is missing.*unknown key"
    ):
        parse_recipe({"name": "x", "color": "red"}, "mine.yaml")


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(InvalidArgumentError, match="dasnet"):
        load_recipe("dropnet")


@pytest.mark.parametrize("text", ["- 1\n- 2\n", "a: [", ""])
def test_files_that_hold_no_recipe(tmp_path, text):
    (tmp_path / "recipe.yaml").write_text(text)
    with pytest.raises(InvalidArgumentError, match=r"recipe\.yaml"):
        load_recipe(tmp_path / "recipe.yaml")
