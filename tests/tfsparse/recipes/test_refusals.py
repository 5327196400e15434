# SPDX-License-Identifier: Apache-2.0
"""What cannot work is refused before any training, in words, and no folder is begun for it."""

from __future__ import annotations

from dataclasses import replace

import keras
import pytest
from keras import layers

from tfsparse.errors import InvalidArgumentError, TfsparseError
from tfsparse.recipes.files import load_recipe
from tfsparse.recipes.runner import run_recipe


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"model_options": {"wdth": 0.1}}, r"no option 'wdth'.*activation, dropout, width.*Did you mean width\?"),
        ({"model_options": {"activation": "rellu"}}, r"lenet4 cannot be built.*activation='rellu'.*rellu"),
        ({"model_options": {"width": "wide"}}, "lenet4 cannot be built"),
        ({"model": "alexnet", "model_options": {}}, r"\(8, 8, 1\)"),
    ],
)
def test_a_network_that_cannot_be_built(recipe_of, dense, digits, tmp_path, settings, message):
    with pytest.raises(InvalidArgumentError, match=message):
        run_recipe(recipe_of(dense, **settings), digits, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("stage", "message"),
    [
        ({"stage": "winners", "rates": {"conv9": 0.5}}, r"`rates` names layer 'conv9'.*'conv2', 'fc1', 'logits'"),
        ({"stage": "winners", "energy": {"conv1": 0.9}}, r"`energy` names layer 'conv1'"),
        ({"stage": "winners", "layers": ["fc9"]}, r"no layer to work on.*layers \['fc9'\]"),
        ({"stage": "prune", "sparsity": {"fc9": 0.5}}, r"No layer is named 'fc9'.*conv1"),
        ({"stage": "prune", "exclude": ["pool1"]}, r"Cannot prune layer 'pool1'.*can be pruned: conv1"),
        ({"stage": "shrink_weights", "exclude": ["fc9"]}, r"No layer is named 'fc9'"),
    ],
)
def test_names_of_layers_that_are_none_are_found_before_the_dense_training(
    recipe_of, dense, digits, tmp_path, stage, message
):
    with pytest.raises(TfsparseError, match=message):
        run_recipe(recipe_of(dense, stage), digits, tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("units", [[3], [10, 10]], ids=["too few classes", "two outputs"])
def test_a_model_for_other_labels(recipe_of, dense, digits, tmp_path, units):
    x = keras.Input((8, 8, 1))
    flat = layers.Flatten()(x)
    model = keras.Model(x, [layers.Dense(each)(flat) for each in units], name="other")
    with pytest.raises(InvalidArgumentError, match=r"'other' does not fit the labels.*\(N, 10\).*\(None, "):
        run_recipe(recipe_of(dense), digits, tmp_path / "run", model=model)


def test_labels_with_gaps_make_no_network_of_millions_of_outputs(recipe_of, dense, digits, tmp_path):
    gaps = replace(digits, y_train=digits.y_train * 1_000_000)
    with pytest.raises(InvalidArgumentError, match=r"more classes than training samples.*200.*9,000,000"):
        run_recipe(recipe_of(dense), gaps, tmp_path / "run")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("stages.winer.energy=0.9", r"no 'winer' there\. Expected: one of dense, winners, .*Did you mean winners\?"),
        ("stages.9.epochs=3", "a number from 0 to 1"),
        ("name.x=3", "nothing below what stands before 'x'"),
    ],
)
def test_an_override_that_leads_nowhere_says_what_there_is(override, message):
    with pytest.raises(InvalidArgumentError, match=message):
        load_recipe("dasnet-lenet4", overrides=[override])


def test_a_recipe_that_is_no_text(tmp_path):
    (tmp_path / "recipe.yaml").write_bytes(b"name: caf\xe9")
    with pytest.raises(InvalidArgumentError, match=r"recipe\.yaml is no readable YAML"):
        load_recipe(tmp_path / "recipe.yaml")
