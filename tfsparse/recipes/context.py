# SPDX-License-Identifier: Apache-2.0
"""What a stage works with: the model so far, the data, and the means to train, measure and record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.models import as_functional
from tfsparse.callbacks import MagnitudePruning
from tfsparse.pruning import prunable_kernels
from tfsparse.recipes.run_data import RunData
from tfsparse.training.fit import Leg, fit_resumably
from tfsparse.training.history import Row
from tfsparse.training.losses import classification_loss
from tfsparse.training.progress import Reporter
from tfsparse.training.settings import Training

ROUNDING = 1e-9
"""What a difference of accuracies may be off."""


@dataclass
class StageContext:
    """What a stage works with.

    Args:
        model: The model that the stage begins with; it may be trained in place.
        data: Training, validation and test samples.
        folder: The stage's folder.
        seed: Seed of random layers.
        baseline: Validation accuracy that budgets refer to: that of the dense network.
        reporter: Tells how far it is.
        dense: The dense network, whom finetuning may follow; it is not changed.
        tensorboard: Folder for TensorBoard's logs of this stage, or `None`.
        facts: What the stage recorded.
        history: Figures of each epoch, with the leg that it belongs to.
        shortcomings: What the stage was asked for and did not reach, a sentence each.
    """

    model: keras.Model
    data: RunData
    folder: Path
    seed: int
    baseline: float
    reporter: Reporter
    dense: keras.Model
    tensorboard: Path | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    history: list[Row] = field(default_factory=list)
    shortcomings: list[str] = field(default_factory=list)

    def fit(
        self,
        model: keras.Model,
        training: Training,
        callbacks: Sequence[keras.callbacks.Callback] = (),
        leg: str = "training",
    ) -> tuple[keras.Model, list[Row]]:
        """Trains a model in place, holding weights that are zero; a leg that was trained before is loaded.

        Args:
            model: The model, the same each time that the stage runs.
            training: The settings.
            callbacks: More callbacks.
            leg: Name of this piece of training, one of a kind within the stage.

        Returns:
            The model, and the figures of each epoch.

        Raises:
            TrainingError: The loss became NaN or infinite.
        """
        rows = fit_resumably(
            model,
            training,
            Leg(
                folder=self.folder / leg,
                batches=self.data.training(training.batch_size),
                validation=self.data.evaluation("val"),
                label=f"{self.folder.name} {leg}" if leg != "training" else self.folder.name,
                seed=self.seed,
                tensorboard=self.tensorboard / leg if self.tensorboard else None,
                teacher=self.dense,
            ),
            [*_hold_zeros(model), *callbacks],
            self.reporter,
        )
        self.history += [{"leg": leg, **row} for row in rows]
        return model, rows

    def evaluate(self, model: keras.Model, split: str = "val") -> float:
        """Accuracy, 0 to 1, on the samples of `"val"`, on which choices are made, or `"test"`."""
        judged = as_functional(model)
        judged.compile(loss=classification_loss(model), weighted_metrics=["accuracy"])
        accuracy = float(judged.evaluate(self.data.evaluation(split), verbose=0, return_dict=True)["accuracy"])
        # Backends count in float32: a budget of exactly so many samples must not fail by rounding.
        samples = self.data.size(split)
        return round(accuracy * samples) / samples

    def within(self, accuracy: float, budget: float) -> bool:
        """Whether a validation accuracy is at most `budget` below the dense network's."""
        return accuracy >= self.baseline - budget - ROUNDING

    def record(self, name: str, value: Any) -> None:
        """Keeps a fact of the stage, as JSON has it."""
        self.facts[name] = value

    def note(self, text: str) -> None:
        """Tells something."""
        self.reporter.note(text)

    def fall_short(self, text: str) -> None:
        """Tells what was asked for and not reached, and keeps it in mind for the end of the run."""
        self.shortcomings.append(text)
        self.note(text)


def _hold_zeros(model: keras.Model) -> list[keras.callbacks.Callback]:
    """What keeps the weights that earlier stages pruned at zero."""
    pruned = [
        path for path, kernel in prunable_kernels(model).items() if not np.all(keras.ops.convert_to_numpy(kernel))
    ]
    return [MagnitudePruning(dict.fromkeys(pruned, _never))] if pruned else []


def _never(step: int) -> tuple[bool, float]:
    return False, 0.0
