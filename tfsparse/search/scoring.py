# SPDX-License-Identifier: Apache-2.0
"""How well a classifier does on samples held in memory."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from tfsparse.analysis.batches import batches
from tfsparse.errors import InvalidArgumentError

_SMALLEST = 1e-12


@dataclass(frozen=True)
class Score:
    """Of one classifier on the samples.

    Args:
        accuracy: Share of the samples whose highest output is at the label, 0 to 1.
        loss: Mean cross-entropy in nats: tells settings apart that get equally many right.
    """

    accuracy: float
    loss: float


class Scorer:
    """Scores models on the same labelled samples.

    Args:
        model: A model of the kind to be scored: one output `[N, classes]`, logits or probabilities.
        x: Samples `[samples, ...]` as the model takes them.
        y: Labels `[samples]`, integers from 0.
        batch_size: Samples that run at once, 1 or more.

    Raises:
        InvalidArgumentError: The samples or labels do not fit the model, or it is no classifier.
    """

    def __init__(self, model: keras.Model, x: np.ndarray, y: np.ndarray, batch_size: int) -> None:
        _check(model, x, y)
        self._parts = list(batches(model, np.asarray(x), batch_size, "Checking samples"))
        self._labels = np.asarray(y).reshape(-1)
        self.samples = len(self._labels)

    def __call__(self, model: keras.Model) -> Score:
        """The score of a model as it is now."""
        outputs = np.concatenate([np.asarray(model.predict_on_batch(part), np.float64) for part in self._parts])
        right = outputs.argmax(axis=1) == self._labels
        return Score(float(right.mean()), float(_cross_entropy(outputs, self._labels)))


def _cross_entropy(outputs: np.ndarray, labels: np.ndarray) -> float:
    own = outputs[np.arange(len(labels)), labels]
    if outputs.min() >= 0.0 and np.allclose(outputs.sum(axis=1), 1.0, atol=1e-3):  # probabilities
        return -np.log(np.maximum(own, _SMALLEST)).mean()
    highest = outputs.max(axis=1)
    return (highest + np.log(np.exp(outputs - highest[:, np.newaxis]).sum(axis=1)) - own).mean()


def _check(model: keras.Model, x: np.ndarray, y: np.ndarray) -> None:
    shapes = [tuple(output.shape) for output in model.outputs]
    if len(model.inputs) != 1 or len(shapes) != 1 or len(shapes[0]) != 2:
        raise InvalidArgumentError(
            f"Model '{model.name}' is no classifier.",
            expected="one input, and one output of shape (N, classes)",
            received=f"{len(model.inputs)} inputs, and outputs of shapes {shapes}",
        )
    labels = np.asarray(y)
    fits = labels.size == len(x) and np.issubdtype(labels.dtype, np.integer) and labels.size > 0
    if not fits or labels.min() < 0 or labels.max() >= (shapes[0][1] or 0):
        raise InvalidArgumentError(
            "The labels do not fit the samples and the model.",
            expected=f"{len(x)} integers from 0 to {(shapes[0][1] or 0) - 1}",
            received=f"{labels.dtype} of shape {labels.shape}"
            + (f" from {labels.min()} to {labels.max()}" if labels.size else ""),
            remedy="Take the data that the model was trained on.",
        )
