# SPDX-License-Identifier: Apache-2.0
"""One leg of training that can be killed at any moment and goes on from its last epoch."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from tfsparse.analysis.models import as_functional, require_graph
from tfsparse.datasets.batches import EvaluationBatches, FollowEpoch, TrainingBatches
from tfsparse.training.checkpoints import Checkpoints, SaveEachEpoch, load_weights, save_weights
from tfsparse.training.distillation import Student
from tfsparse.training.divergence import explain_divergence
from tfsparse.training.history import HistoryFile, Row, read_history
from tfsparse.training.losses import classification_loss
from tfsparse.training.nan_guard import DivergedLoss, NanGuard
from tfsparse.training.optimizers import make_optimizer
from tfsparse.training.progress import Reporter
from tfsparse.training.replicas import AverageStatistics
from tfsparse.training.seeds import SeedEachEpoch
from tfsparse.training.settings import Finetuning, Training

HISTORY, FINISHED = "history.csv", "finished.weights.h5"


@dataclass(frozen=True)
class Leg:
    """What a leg of training needs beside the model and its settings.

    Args:
        folder: Its folder, made if it is not there: `history.csv`, checkpoints, and in the end the trained weights.
        batches: What to train on.
        validation: Batches to measure on after each epoch, or `None`.
        label: What to call it.
        seed: Seed of random layers.
        tensorboard: Folder for TensorBoard's logs, or `None`; the TensorFlow backend alone writes them.
        teacher: The dense network, for a training that follows it.
    """

    folder: Path
    batches: TrainingBatches
    validation: EvaluationBatches | None = None
    label: str = "Training"
    seed: int = 0
    tensorboard: Path | None = None
    teacher: keras.Model | None = None


def fit_resumably(
    model: keras.Model,
    training: Training,
    leg: Leg,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    reporter: Reporter | None = None,
) -> list[Row]:
    """Trains a model in place; called again after it was stopped, it goes on after the last epoch that was done.

    After each epoch the weights, the state of the optimizer and of `Stateful` callbacks are kept. Order and
    augmentation of the samples, the draws of random layers, the learning rate and pruning schedules depend on the
    epoch and on the optimizer's steps alone, so a training that was stopped ends where it would have ended without.
    A leg that is finished is not trained again: its weights are loaded.

    Args:
        model: A Sequential or Functional model, as it was when the leg was begun. It is not compiled by this.
        training: Epochs, batches and optimizer.
        leg: Folder and data.
        callbacks: More callbacks. They run before the epoch's history and checkpoint are written.
        reporter: Shows how far it is; `None`: nobody is told.

    Returns:
        The figures of each epoch.

    Raises:
        TrainingError: The loss became NaN or infinite; the message names the layer, the last checkpoint is there.
        ModelFormatError: A checkpoint cannot be read, or is of another model.
        UnsupportedModelError: The model is subclassed, or has no shapes yet.
    """
    require_graph(model)
    leg.folder.mkdir(parents=True, exist_ok=True)
    if (leg.folder / FINISHED).is_file():
        load_weights(model, leg.folder / FINISHED)
        return read_history(leg.folder / HISTORY)
    reporter = reporter or Reporter(verbose=False)
    # Another model over the same layers is compiled, so that this one stays free of optimizer and loss.
    trainee = _trainee(model, training, leg.teacher)
    optimizer = make_optimizer(model, training, len(leg.batches))
    # Weighted: a batch may be filled up with samples that do not count.
    trainee.compile(optimizer, classification_loss(model), weighted_metrics=["accuracy"])
    checkpoints = Checkpoints(leg.folder, list(callbacks))
    done = checkpoints.restore(trainee)
    history = HistoryFile(leg.folder / HISTORY)
    bar = reporter.epochs(leg.label, training.epochs, len(leg.batches))
    deciding = [FollowEpoch(leg.batches), SeedEachEpoch(leg.seed), AverageStatistics(), *callbacks]
    watching = [NanGuard(), history, SaveEachEpoch(checkpoints), *_tensorboard(leg), bar]
    try:
        _fit(trainee, training, leg, [*deciding, *watching], done)
    except DivergedLoss as diverged:
        raise explain_divergence(trainee, leg.batches, checkpoints, deciding, diverged, leg.label) from None
    finally:
        bar.stop()
    save_weights(model, leg.folder / FINISHED)
    checkpoints.clear()
    return history.rows


def _trainee(model: keras.Model, training: Training, teacher: keras.Model | None) -> keras.Model:
    if teacher is None or not isinstance(training, Finetuning) or training.distill is None:
        return as_functional(model)
    return Student(model, teacher, training.distill)


def _fit(
    trainee: keras.Model, training: Training, leg: Leg, callbacks: list[keras.callbacks.Callback], done: int
) -> None:
    trainee.fit(
        leg.batches,
        epochs=training.epochs,
        initial_epoch=done,
        validation_data=leg.validation,
        shuffle=False,
        callbacks=callbacks,
        verbose=0,
    )


def _tensorboard(leg: Leg) -> list[keras.callbacks.Callback]:
    installed = importlib.util.find_spec("tensorboard") is not None
    if leg.tensorboard is None or keras.backend.backend() != "tensorflow" or not installed:
        return []
    return [keras.callbacks.TensorBoard(leg.tensorboard, write_graph=False)]
