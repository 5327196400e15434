# SPDX-License-Identifier: Apache-2.0
"""Runs a published recipe on a model and data at hand: what the one-call functions share."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.models import require_keras_model
from tfsparse.datasets import Dataset, check_labels, load_dataset
from tfsparse.errors import InvalidArgumentError
from tfsparse.recipes.files import change_recipe, load_recipe, without_dense
from tfsparse.recipes.recipe import Recipe
from tfsparse.recipes.runner import RunResult, run_recipe
from tfsparse.training.progress import Reporter
from tfsparse.training.run_folder import RUN

Data = Dataset | str | Path | tuple[Any, Any, Any, Any] | None
"""A data set, what `tfsparse.datasets.load_dataset` takes, or `(x_train, y_train, x_test, y_test)`."""


@dataclass(frozen=True)
class Run:
    """Where and how a one-call function runs.

    Args:
        pretrained: Whether the model is trained already: then dense training is left out. `None`: a model that is
            given is, one that is named is not.
        folder: The run's folder; `None`: a temporary one, which is kept only if the run breaks off.
        seed: Seed of weights, order, augmentation and validation split.
        verbose: Whether to say how far it is.
    """

    pretrained: bool | None
    folder: str | Path | None
    seed: int
    verbose: bool


def run_method(method: str, model: keras.Model | str, data: Data, changes: Mapping[str, Any], run: Run) -> RunResult:
    """Runs a method's recipe with some settings changed.

    Args:
        method: `"dasnet"`, `"jpnet"` or `"dual"`.
        model: A model to begin with, or the name of one of the catalog.
        data: The data.
        changes: Settings by place, such as `"stages.winners.energy"`; `None` leaves the recipe's.
        run: Where and how.
    """
    name = model if isinstance(model, str) else None
    given = None if isinstance(model, str) else require_keras_model(model)
    wanted = {place: value for place, value in changes.items() if value is not None}
    recipe = change_recipe(load_recipe(method, name), {**wanted, "seed": run.seed})
    if run.pretrained if run.pretrained is not None else given is not None:
        recipe = without_dense(recipe)
    reporter = Reporter(run.verbose)
    dataset = as_dataset(data)
    if run.folder is not None:
        return run_recipe(recipe, dataset, Path(run.folder), model=given, reporter=reporter)
    return _run_in_temporary_folder(recipe, dataset, given, reporter)


def as_dataset(data: Data) -> Dataset:
    """The data set that `data` stands for.

    Raises:
        InvalidArgumentError: It is none.
    """
    if isinstance(data, Dataset):
        return data
    if not isinstance(data, tuple):
        return load_dataset(data)
    if len(data) != 4:
        raise InvalidArgumentError(
            "`data` is no data set.", expected="(x_train, y_train, x_test, y_test)", received=f"{len(data)} arrays"
        )
    x_train, y_train, x_test, y_test = (np.asarray(array) for array in data)
    return Dataset(x_train, check_labels(y_train, len(x_train)), x_test, check_labels(y_test, len(x_test)))


def _run_in_temporary_folder(
    recipe: Recipe, dataset: Dataset, model: keras.Model | None, reporter: Reporter
) -> RunResult:
    folder = Path(tempfile.mkdtemp(prefix=f"tfsparse-{recipe.name}-"))
    try:
        result = run_recipe(recipe, dataset, folder, model=model, reporter=reporter, export=False)
    except BaseException:
        if (folder / RUN).is_file():
            reporter.note(f"What was reached is kept in {folder}: give it as `folder` to go on.")
        else:
            shutil.rmtree(folder)
        raise
    shutil.rmtree(folder)
    return result
