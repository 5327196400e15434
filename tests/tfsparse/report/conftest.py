# SPDX-License-Identifier: Apache-2.0
"""A small run, whole and as it was when it was stopped, a small search, and their pages."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import keras
import pytest

from tfsparse.cli.search_output import keep
from tfsparse.datasets import Dataset, load_digits
from tfsparse.recipes.files import parse_recipe
from tfsparse.recipes.runner import run_recipe
from tfsparse.report import write_report
from tfsparse.search import search_rates
from tfsparse.training.progress import Reporter

TRAINING = {"epochs": 1, "batch_size": 50, "optimizer": {"learning_rate": 0.01}}
RECIPE = {
    "name": "tiny",
    "model": "mlp3",
    "profiled_samples": 20,
    "stages": [
        {"stage": "dense", **TRAINING, "epochs": 3},
        {"stage": "winners", "rounds": 2, "accuracy_budget": 1.0, "calibration_samples": 50, "finetune": TRAINING},
    ],
}


class _Stopping(Reporter):
    """Stops the run after the first round of the second stage."""

    def __init__(self):
        super().__init__(verbose=False)

    def note(self, text):
        if text.startswith("Round 1"):
            raise KeyboardInterrupt


@pytest.fixture(scope="session")
def digits():
    """300 digits of 8 by 8 pixels."""
    everything = load_digits(side=8)
    x, y = everything.x_train, everything.y_train
    return Dataset(x[:200], y[:200], everything.x_test[:100], everything.y_test[:100])


@pytest.fixture(scope="session")
def runs(digits, tmp_path_factory):
    """The folder of a run that is `finished`, and that of the same run while it was `unfinished`."""
    folder = tmp_path_factory.mktemp("runs")
    recipe, finished, unfinished = parse_recipe(RECIPE, "tiny"), folder / "finished", folder / "unfinished"
    with pytest.raises(KeyboardInterrupt):
        run_recipe(recipe, digits, finished, reporter=_Stopping())
    shutil.copytree(finished, unfinished)
    run_recipe(recipe, digits, finished)
    return SimpleNamespace(finished=finished, unfinished=unfinished)


@pytest.fixture(scope="session")
def written(runs, digits, tmp_path_factory):
    """The report of the finished run with everything in it."""
    folder = tmp_path_factory.mktemp("pages")
    return write_report(runs.finished, digits, output=folder / "page.html", png=folder / "charts", samples=40)


@pytest.fixture(scope="session")
def found(runs, digits):
    """What a small search for winner rates and weight sparsities found."""
    model = keras.models.load_model(runs.finished / "stages" / "01-dense" / "model.keras", compile=False)
    x, y = digits.x_test, digits.y_test
    return search_rates(model, x, y, budget=0.1, trials=24, sparsities=True, verbose=False)


@pytest.fixture(scope="session")
def search_folder(found, tmp_path_factory):
    """The folder of that search."""
    folder = tmp_path_factory.mktemp("found")
    keep(found, folder)
    return folder
