# SPDX-License-Identifier: Apache-2.0
"""`tfsparse search` finds, keeps, goes on, and hands over to `tfsparse train`."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse as ts
from tfsparse.datasets import load_digits
from tfsparse.recipes.files import load_recipe

FILES = ["chosen.keras", "front.svg", "recipe.json", "search.json", "sensitivity.svg"]


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A trained model and its data as files."""
    folder = tmp_path_factory.mktemp("given")
    data = load_digits(side=8)
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(16, 3, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(32, 3, padding="same", strides=2, activation="relu", name="conv2"),
            layers.Flatten(),
            layers.Dense(10, name="logits"),
        ],
        name="small",
    )
    model.compile(keras.optimizers.Adam(3e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(data.x_train, data.y_train, epochs=4, verbose=0)
    model.save(folder / "model.keras")
    parts = {"x_train": data.x_train, "y_train": data.y_train, "x_test": data.x_test, "y_test": data.y_test}
    np.savez(folder / "data.npz", **parts)
    return folder


def test_it_keeps_what_it_finds_and_goes_on(cli, given, tmp_path):
    found = tmp_path / "found"
    command = ["search", given / "model.keras", "--data", given / "data.npz", "-o", found, "--budget", 0.05]
    first = cli(*command, "--trials", 20, "--finetune-epochs", 1, "--finetunings", 1)
    assert first.exit_code in (0, 1), first.output
    assert "Epoch" in first.stderr or "epoch" in first.stderr
    result = cli(*command, "--trials", 28)
    assert result.exit_code == 0, result.output
    assert "Search: 8 steps" in result.stderr
    assert "winners of conv2" in result.stdout
    assert "Chosen" in result.stdout
    assert "test samples" in result.stdout
    assert [name for name in FILES if not (found / name).is_file()] == []
    content = json.loads((found / "search.json").read_text())
    assert content["chosen"]["cost"] < content["cost"]
    chosen = keras.saving.load_model(found / "chosen.keras")
    x = load_digits(side=8).x_test[:1]
    assert ts.profile(chosen, x).macs_after_wta == content["chosen"]["macs"]
    recipe = load_recipe(found / "recipe.json", model="lenet4")
    assert recipe.stages[1].rates == content["chosen"]["rates"]


def test_nothing_that_fits_is_told_by_the_exit_code(cli, given, tmp_path):
    command = ["search", given / "model.keras", "--data", given / "data.npz", "-o", tmp_path / "found", "--trials", 2]
    result = cli(*command, "--samples", 50, "--budget", 0, "--at-most", 1)
    assert result.exit_code == 1
    assert "The closest" in result.stdout
    assert not (tmp_path / "found" / "recipe.json").exists()


def test_what_cannot_be_is_refused_and_nothing_is_lost(cli, given, tmp_path):
    (tmp_path / "search.json").write_text("mine")
    command = ["search", given / "model.keras", "--data", given / "data.npz", "-o"]
    result = cli(*command, tmp_path)
    assert result.exit_code == 2
    assert "holds search.json already" in result.stderr
    assert cli(*command, tmp_path / "search.json").exit_code == 2
    assert cli("search", tmp_path / "none.keras", "-o", tmp_path / "found").exit_code == 2
    result = cli(*command, tmp_path / "found", "--budget", 2)
    assert result.exit_code == 2
    assert "budget" in result.stderr
    for options in (["--validation-share", 0], ["--validation-share", 1.5], ["--learning-rate", 0]):
        result = cli(*command, tmp_path / "found", "--finetune-epochs", 1, *options)
        assert result.exit_code == 2
        assert options[0].strip("-").replace("-", "_") in result.stderr
    assert (tmp_path / "search.json").read_text() == "mine"
    assert not (tmp_path / "found" / "search.json").exists()
