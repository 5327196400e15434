# SPDX-License-Identifier: Apache-2.0
"""Runs a recipe, stage by stage, in a folder from which it can go on after it was stopped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

import tfsparse
from tfsparse.analysis.models import require_graph
from tfsparse.conversion.files import write_atomically
from tfsparse.datasets import Dataset
from tfsparse.errors import InvalidArgumentError
from tfsparse.models.catalog import build_model
from tfsparse.recipes.accounting import StageResult, account
from tfsparse.recipes.context import StageContext
from tfsparse.recipes.files import recipe_yaml
from tfsparse.recipes.finished_stage import finish_stage, is_finished, load_stage
from tfsparse.recipes.recipe import AnyStage, Recipe
from tfsparse.recipes.run_data import RunData, fingerprint
from tfsparse.surgery.copying import copy_model
from tfsparse.training.checkpoints import save_model
from tfsparse.training.history import Row, write_history
from tfsparse.training.memory import explaining_memory
from tfsparse.training.precision import computing_in, in_float32
from tfsparse.training.progress import Reporter
from tfsparse.training.run_folder import HISTORY, HISTORY_JSON, MODEL, RESULTS, TFLITE, RunFolder


@dataclass(frozen=True)
class RunResult:
    """What a run gave. It unpacks to the model and the history: `model, history = result`.

    Args:
        model: The final model, not compiled.
        stages: The account of every stage, in their order.
        history: Figures of each epoch of every stage: `stage`, `leg`, `epoch`, losses, accuracies.
    """

    model: keras.Model
    stages: tuple[StageResult, ...]
    history: tuple[Row, ...]

    def __iter__(self) -> Iterator[Any]:
        return iter((self.model, self.history))

    @property
    def shortcomings(self) -> tuple[str, ...]:
        """What the recipe asked for and the run did not reach, a sentence each."""
        return tuple(text for stage in self.stages for text in stage.shortcomings)


def run_recipe(
    recipe: Recipe,
    dataset: Dataset,
    folder: Path,
    *,
    model: keras.Model | None = None,
    reporter: Reporter | None = None,
    export: bool = True,
) -> RunResult:
    """Runs a recipe; called again with the same arguments after it was stopped, it goes on where it was.

    Args:
        recipe: The recipe.
        dataset: Samples and labels.
        folder: The run's folder: a new or empty one, or that of the same run, which is then continued. See
            `tfsparse.training.run_folder.RunFolder` for what is in it afterwards.
        model: A model to begin with, as it is, instead of the recipe's; Sequential or Functional. It is not changed.
        reporter: Tells how far it is; `None`: nobody is told.
        export: Whether to write the final model as `.tflite`, too.

    Returns:
        The final model and the account of every stage.

    Raises:
        InvalidArgumentError: The folder holds another run, or data, model and recipe do not fit each other.
        TrainingError: A loss became NaN or infinite, or there is too little memory; the run can go on after its last
            checkpoint.
    """
    runner = _Runner(recipe, dataset, RunFolder(folder), model, reporter or Reporter(verbose=False))
    with runner.run_folder.locked():
        return runner.run(export)


class _Runner:
    def __init__(
        self, recipe: Recipe, dataset: Dataset, run: RunFolder, model: keras.Model | None, reporter: Reporter
    ) -> None:
        self.recipe = recipe
        self.run_folder = run
        self.reporter = reporter
        given = require_graph(model) if model is not None else None
        shape = tuple(given.inputs[0].shape[1:]) if given is not None else None
        self.data = RunData(dataset, recipe.data, recipe.seed, shape)
        if given is not None:
            _require_classes(given, self.data.num_classes)
        self.model = self.dense = self._first_model(given)
        self.identity = _identity(recipe, fingerprint(dataset), given)
        self.data_origin = dataset.origin
        self.results: list[StageResult] = []
        self.history: list[Row] = []
        self.baseline: float | None = None
        self._check_names()

    def run(self, export: bool) -> RunResult:
        state = self.run_folder.open(self.identity, recipe_yaml(self.recipe), self.data_origin)
        with explaining_memory("Lower batch_size, calibration_samples or profiled_samples; what was finished is kept."):
            for index, stage in enumerate(self.recipe.stages):
                self._run_stage(index, stage)
            if state["state"] != "finished":
                self._finish(export)
        return RunResult(self.model, tuple(self.results), tuple(self.history))

    def _first_model(self, given: keras.Model | None) -> keras.Model:
        if given is not None:
            return copy_model(given)
        if self.recipe.model is None:
            raise InvalidArgumentError(
                "The recipe names no model.", remedy="Name one: --model, or the key `model` of the recipe."
            )
        keras.utils.set_random_seed(self.recipe.seed)
        with computing_in(self.recipe.precision):
            return build_model(
                self.recipe.model, self.data.input_shape, self.data.num_classes, self.recipe.model_options
            )

    def _check_names(self) -> None:
        """Refuses names of layers that are none now, and not after days of training."""
        for index, stage in enumerate(self.recipe.stages):
            if not is_finished(self.run_folder.stage(index, stage.stage)):
                stage.check(self.model)

    def _run_stage(self, index: int, stage: AnyStage) -> None:
        folder = self.run_folder.stage(index, stage.stage)
        all_dense = all(each.stage == "dense" for each in self.recipe.stages[: index + 1])
        if is_finished(folder):
            self.model, result, history = load_stage(folder)
        else:
            self.model, result, history = self._train_stage(stage, folder)
        self.results.append(result)
        self.history += [{"stage": folder.name, **row} for row in history]
        if all_dense:
            self.baseline, self.dense = result.accuracy_val, self.model

    def _train_stage(self, stage: AnyStage, folder: Path) -> tuple[keras.Model, StageResult, list[Row]]:
        folder.mkdir(parents=True, exist_ok=True)
        context = StageContext(
            model=copy_model(self.model),
            data=self.data,
            folder=folder,
            seed=self.recipe.seed,
            baseline=self.baseline or 0.0,
            reporter=self.reporter,
            dense=self.dense,
            tensorboard=self.run_folder.path / "tensorboard" / folder.name,
        )
        if self.baseline is None and stage.stage != "dense":
            # A model that was given; also where the stages before this one were finished by an earlier process.
            context.baseline = self.baseline = context.evaluate(self.dense)
        model = stage.run(context)
        x = self.data.test_samples(self.recipe.profiled_samples)
        result = account(folder.name, model, x, context)
        finish_stage(folder, model, result, context)
        self.reporter.note(f"{folder.name}: done, accuracy {result.accuracy_test:.2%}")
        return model, result, context.history

    def _finish(self, export: bool) -> None:
        folder = self.run_folder.path
        self.run_folder.write_json(RESULTS, {"stages": [asdict(result) for result in self.results]})
        write_history(folder / HISTORY, self.history)
        write_atomically(folder / HISTORY_JSON, json.dumps(self.history, indent=1).encode())
        save_model(self.model, folder / MODEL)
        if export and keras.backend.backend() == "tensorflow":
            tfsparse.convert(in_float32(self.model), folder / TFLITE, overwrite=True)
        elif export:
            self.reporter.note(
                f"{TFLITE} is not written: only the TensorFlow backend exports. KERAS_BACKEND=tensorflow tfsparse "
                f"convert {folder / MODEL} -o {folder / TFLITE} makes it."
            )
        self.run_folder.finish()


def _require_classes(model: keras.Model, classes: int) -> None:
    shapes = [tuple(output.shape) for output in model.outputs]
    if len(shapes) != 1 or len(shapes[0]) != 2 or (shapes[0][1] or 0) < classes:
        raise InvalidArgumentError(
            f"Model '{model.name}' does not fit the labels of the data.",
            expected=f"one output of shape (N, {classes}), one number for each class, or more of them",
            received=f"outputs of shapes {', '.join(map(str, shapes))}",
            remedy="Give it another last layer, or choose data of as many classes as it has.",
        )


def _identity(recipe: Recipe, data: dict[str, Any], model: keras.Model | None) -> dict[str, Any]:
    """What has to be equal for a run to go on."""
    return {
        "tfsparse": tfsparse.__version__,
        "backend": keras.backend.backend(),
        "recipe": recipe.model_dump(mode="json"),
        "data": data,
        "model": _model_fingerprint(model) if model is not None else None,
    }


def _model_fingerprint(model: keras.Model) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for weight in model.weights:
        digest.update(f"{weight.path} {weight.shape}".encode())
        digest.update(keras.ops.convert_to_numpy(weight).tobytes())
    return digest.hexdigest()
