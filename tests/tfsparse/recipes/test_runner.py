# SPDX-License-Identifier: Apache-2.0
"""A run does what its recipe says, goes on after interruptions, and refuses folders of others."""

from __future__ import annotations

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from tfsparse.datasets import Dataset
from tfsparse.errors import InvalidArgumentError
from tfsparse.recipes.runner import run_recipe
from tfsparse.training.precision import in_float32
from tfsparse.training.progress import Reporter


class Interrupting(Reporter):
    """Interrupts at the n-th thing that is told: between epochs, rounds and stages."""

    def __init__(self, when):
        super().__init__(verbose=False)
        self.left = when

    def note(self, text):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def recipe(recipe_of, dense, winners):
    return recipe_of(dense, winners)


@pytest.fixture(scope="module")
def whole(recipe, digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "whole"
    return folder, run_recipe(recipe, digits, folder)


def test_a_run_leaves_everything_in_its_folder(whole):
    folder, result = whole
    files = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert files >= {
        "recipe.yaml", "run.json", "results.json", "history.csv", "history.json", "model.keras",
        "stages/01-dense/model.keras", "stages/01-dense/history.csv", "stages/01-dense/facts.json",
        "stages/02-winners/model.keras", "stages/02-winners/facts.json",
    }  # fmt: skip
    assert ("model.tflite" in files) == (keras.backend.backend() == "tensorflow")
    assert json.loads((folder / "run.json").read_text())["state"] == "finished"
    assert not list(folder.rglob("*.h5"))
    facts = json.loads((folder / "stages/02-winners/facts.json").read_text())
    assert [each["energy"] for each in facts["rounds"]] == pytest.approx([0.99, 0.98])
    assert facts["met_budget"]
    assert facts["rounds"][1]["macs_after_wta"] <= facts["rounds"][0]["macs_after_wta"]
    assert [row["stage"] for row in result.history] == ["01-dense", "02-winners", "02-winners"]


def test_the_account_fits_the_model(whole):
    _, result = whole
    dense, sparse = result.stages
    assert dense.macs == dense.macs_after_wta == sparse.macs > sparse.macs_after_wta
    assert dense.pruned_feature_maps is None
    masks = {layer.name: layer for layer in result.model.layers if layer.name.startswith("wta_")}
    kept = masks["wta_conv2"].winners + masks["wta_fc1"].winners
    assert sparse.pruned_feature_maps == pytest.approx(1 - kept / (3 + 6))


def test_a_finished_run_is_read_again(whole, recipe, digits):
    folder, result = whole
    again = run_recipe(recipe, digits, folder, reporter=Interrupting(1))
    assert again.stages == result.stages
    assert again.history == result.history
    for one, other in zip(again.model.get_weights(), result.model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_interrupted_between_stages_and_rounds_it_ends_the_same(whole, recipe, digits, tmp_path):
    folder = tmp_path / "parts"
    for when in (1, 2):  # after the dense stage is told done; in between the rounds
        with pytest.raises(KeyboardInterrupt):
            run_recipe(recipe, digits, folder, reporter=Interrupting(when), export=False)
    result = run_recipe(recipe, digits, folder, export=False)
    for one, other in zip(result.model.get_weights(), whole[1].model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    assert [each.accuracy_test for each in result.stages] == [each.accuracy_test for each in whole[1].stages]


def test_every_stage_records_its_layers(whole):
    folder, result = whole
    for stage in result.stages:
        recorded = json.loads((folder / "stages" / stage.stage / "facts.json").read_text())["profile"]
        assert recorded["samples"] == 20
        assert [layer["name"] for layer in recorded["layers"]] == ["conv1", "conv2", "fc1", "logits"]
        assert sum(layer["macs_after_wta"] for layer in recorded["layers"]) == stage.macs_after_wta


def test_the_same_data_may_be_elsewhere_when_a_run_goes_on(recipe_of, dense, digits, tmp_path):
    recipe, folder = recipe_of(dense), tmp_path / "run"

    def origin():
        return json.loads((folder / "run.json").read_text()).get("data_origin")

    run_recipe(recipe, digits, folder, export=False)
    assert origin() is None
    for place in ({"source": "/here/digits.npz"}, {"source": "/there", "image_size": [8, 8]}):
        run_recipe(recipe, replace(digits, origin=place), folder, export=False)
        assert origin() == place
    run_recipe(recipe, digits, folder, export=False)
    assert origin() == place  # one that is not known takes no place of one that is


def test_the_folder_of_another_run_is_refused(whole, recipe, digits):
    folder, _ = whole
    with pytest.raises(InvalidArgumentError, match=r"recipe\.seed differs.*Choose another folder"):
        run_recipe(recipe.model_copy(update={"seed": 1}), digits, folder)
    run = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**run, "schema_version": 0}))
    with pytest.raises(InvalidArgumentError, match="another version"):
        run_recipe(recipe, digits, folder)
    (folder / "run.json").write_text("[]")
    with pytest.raises(InvalidArgumentError, match=r"run\.json is damaged"):
        run_recipe(recipe, digits, folder)
    (folder / "run.json").write_text(json.dumps(run))
    other = replace(digits, x_train=digits.x_train[::-1].copy())
    with pytest.raises(InvalidArgumentError, match="what is in the data differs"):
        run_recipe(recipe, other, folder)


def test_a_folder_with_something_else_is_left_alone(recipe, digits, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InvalidArgumentError, match=r"something else.*thesis\.txt"):
        run_recipe(recipe, digits, tmp_path)
    with pytest.raises(InvalidArgumentError, match="no folder"):
        run_recipe(recipe, digits, tmp_path / "thesis.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


STILL = {"epochs": 1, "optimizer": {"name": "sgd", "learning_rate": 1e-12}}
TOO_FEW = {"stage": "winners", "rates": {"logits": 0.05}, "accuracy_budget": 0.5, "finetune": STILL}


@pytest.fixture
def fragile():
    """A network that is right on all of its data, and by chance with a single winner; the data."""
    eye = np.eye(10, dtype=np.float32)
    model = keras.Sequential(
        [keras.Input((10,)), layers.Dense(11, activation="relu", name="hidden"), layers.Dense(10, name="logits")]
    )
    # The eleventh neuron is always the strongest, and says nothing.
    model.get_layer("hidden").set_weights([np.pad(eye, ((0, 0), (0, 1))), np.array([0.0] * 10 + [100.0])])
    model.get_layer("logits").set_weights([np.pad(10 * eye, ((0, 1), (0, 0))), np.zeros(10)])
    y = np.arange(100) % 10
    return model, Dataset(eye[y], y, eye[y], y)


def test_a_budget_that_nothing_meets_is_told_and_the_closest_kept(recipe_of, fragile, tmp_path):
    model, data = fragile
    result = run_recipe(recipe_of(TOO_FEW), data, tmp_path / "run", model=model, export=False)
    assert result.stages[0].accuracy_test == pytest.approx(0.1)
    assert len(result.shortcomings) == 1
    assert "The closest loses 90.00%" in result.shortcomings[0]
    assert result.model.get_layer("wta_logits").winners == 1
    assert not (tmp_path / "run" / "model.tflite").exists()


def test_budgets_refer_to_the_given_model_after_an_interruption_too(recipe_of, fragile, tmp_path):
    model, data = fragile
    recipe = recipe_of({"stage": "prune", "sparsity": 0.0, "schedule": "constant", "finetune": STILL}, TOO_FEW)
    with pytest.raises(KeyboardInterrupt):
        run_recipe(recipe, data, tmp_path, model=model, reporter=Interrupting(1), export=False)
    assert (tmp_path / "stages/01-prune/facts.json").is_file()
    result = run_recipe(recipe, data, tmp_path, model=model, export=False)
    assert "The closest loses 90.00%" in result.shortcomings[0]


def test_half_precision_trains_and_gives_a_float32_model(recipe_of, dense, digits, tmp_path):
    result = run_recipe(recipe_of(dense, precision="mixed_bfloat16"), digits, tmp_path, export=False)
    assert result.model.get_layer("conv1").compute_dtype == "bfloat16"
    wide = in_float32(result.model)
    assert {layer.compute_dtype for layer in wide.layers} == {"float32"}
    x = digits.x_test[:20]
    np.testing.assert_allclose(wide.predict(x, verbose=0), result.model.predict(x, verbose=0), atol=0.1)
