# SPDX-License-Identifier: Apache-2.0
"""Accuracy of a `.tflite` classifier on labelled data."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tfsparse.datasets.images import as_model_input
from tfsparse.errors import InvalidArgumentError
from tfsparse.runtime.interpreter import Interpreter

SAMPLES_PER_STEP = 100
_TOP_5 = 5


@dataclass(frozen=True)
class Accuracy:
    """Shares of the samples that are classified rightly.

    Attributes:
        top1: Share whose highest score is at the label, 0 to 1.
        top5: Share whose label is among the five highest scores; `None` where there are no more than five classes.
        samples: Number of samples.
    """

    top1: float
    top5: float | None
    samples: int


def evaluate(
    model: str | os.PathLike[str] | bytes,
    x: np.ndarray,
    y: np.ndarray,
    *,
    num_threads: int = 1,
    runtime: str = "auto",
    advance: Callable[[], None] = lambda: None,
) -> Accuracy:
    """Runs a classifier on labelled samples and compares.

    The samples are scaled by the rule of `tfsparse.datasets.as_model_input`: `uint8` to [0, 1], floating point as it
    is, a channel axis added where the model wants one more. Of equal scores the lower class counts as the higher.

    Args:
        model: Path of a `.tflite` file with one input and one output `[N, classes]`, or its content.
        x: Samples `[samples, ...]`, at least one.
        y: Labels `[samples]`, integers from 0.
        num_threads: Threads of one run.
        runtime: Interpreter package, as in `tfsparse.Interpreter`.
        advance: Called after every 100 samples.

    Raises:
        InvalidArgumentError: The model is no such classifier, or the samples or labels do not fit it.
        ModelFormatError: The file is no readable model.
        RuntimeUnavailableError: The interpreter package or the native library is missing.
    """
    if len(x) == 0 or len(x) != len(y):
        raise InvalidArgumentError(
            "The samples and labels do not belong together.",
            expected="equally many, at least one",
            received=f"{len(x)} samples, {len(y)} labels",
        )
    interpreter = Interpreter(model, num_threads, runtime)
    if not is_classifier(interpreter):
        shapes = [list(output["shape"]) for output in interpreter.output_details]
        raise InvalidArgumentError(
            "The model is no classifier.",
            expected="one input, and one output of shape [N, classes]",
            received=f"{len(interpreter.input_details)} inputs, and outputs of shapes {shapes}",
        )
    found = ranks_of_labels(interpreter, x, y, advance)
    classes = int(interpreter.output_details[0]["shape"][-1])
    top5 = float(np.mean(found < _TOP_5)) if classes > _TOP_5 else None
    return Accuracy(float(np.mean(found == 0)), top5, len(x))


def is_classifier(interpreter: Interpreter) -> bool:
    """Whether the model has one input, and one output of shape `[N, classes]`."""
    outputs = interpreter.output_details
    return len(interpreter.input_details) == len(outputs) == 1 and len(outputs[0]["shape"]) == 2


def steps_of(samples: int) -> int:
    """How often `advance` is called for so many samples."""
    return -(-samples // SAMPLES_PER_STEP)


def ranks_of_labels(
    interpreter: Interpreter, x: np.ndarray, y: np.ndarray, advance: Callable[[], None] = lambda: None
) -> np.ndarray:
    """For each sample the number of classes that come before its label: 0 where the answer is right.

    Args:
        interpreter: A classifier.
        x: Samples, as for `evaluate`.
        y: Labels, as many.
        advance: Called after every 100 samples.

    Raises:
        InvalidArgumentError: The samples or labels do not fit the model.
    """
    rank = len(interpreter.input_details[0]["shape"])
    ranks = []
    for start in range(0, len(x), SAMPLES_PER_STEP):
        part = slice(start, start + SAMPLES_PER_STEP)
        scores = np.asarray(interpreter.predict(as_model_input(x[part], rank)))
        ranks.append(_rank_of_label(scores, y[part]))
        advance()
    return np.concatenate(ranks)


def _rank_of_label(scores: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """For each sample the number of classes that come before its label, by score, then by index."""
    if labels.max() >= scores.shape[1] or labels.min() < 0:
        raise InvalidArgumentError(
            "The labels do not fit the model.",
            expected=f"labels from 0 to {scores.shape[1] - 1}",
            received=f"labels from {labels.min()} to {labels.max()}",
        )
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.argmax(order == labels[:, np.newaxis], axis=1)
