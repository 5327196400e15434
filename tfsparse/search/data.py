# SPDX-License-Identifier: Apache-2.0
"""The samples of a search on a data set, and the training of its finalists."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import keras
import numpy as np

from tfsparse.datasets import Dataset, evaluation_inputs, split_validation
from tfsparse.datasets.batches import EvaluationBatches, TrainingBatches
from tfsparse.errors import InvalidArgumentError
from tfsparse.search.finetuning import Finetune
from tfsparse.training.fit import Leg, fit_resumably
from tfsparse.training.progress import Reporter
from tfsparse.training.settings import Optimizer, Training


class SearchData:
    """The parts of a data set that a search uses.

    Args:
        dataset: With a training part.
        model: What it is for; images larger than its input are cut.
        validation_share: Share of the training samples to set aside, in (0, 1). With the share and the seed of the
            recipe that trained the model, they are the same ones that were set aside there.
        samples: How many of these to measure on, at most.
        seed: Of the split and of the order.

    Raises:
        InvalidArgumentError: There is nothing to train on, the share is out of its range, or the samples do not fit the
            model.
    """

    def __init__(self, dataset: Dataset, model: keras.Model, validation_share: float, samples: int, seed: int) -> None:
        if len(dataset.x_train) == 0:
            raise InvalidArgumentError("The data set has no training part.", expected="x_train and y_train")
        if not 0.0 < validation_share < 1.0:
            raise InvalidArgumentError(
                "Invalid `validation_share`.", expected="a number in (0, 1)", received=validation_share
            )
        if len(model.inputs) != 1:
            raise InvalidArgumentError("Only models of one input can be searched.", received=f"{len(model.inputs)}")
        self._shape = tuple(model.inputs[0].shape[1:])
        self._rest, x, y = split_validation(dataset, validation_share, seed)
        drawn = np.sort(np.random.default_rng(seed).permutation(len(y))[:samples])
        self._validation = evaluation_inputs(x[drawn], self._shape), y[drawn]
        self._seed = seed

    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        """Samples and labels to measure on."""
        return self._validation

    def training(self, batch_size: int) -> TrainingBatches:
        """Shuffled batches of what is not set aside."""
        return TrainingBatches(self._rest.x_train, self._rest.y_train, self._shape, batch_size, seed=self._seed)

    @property
    def test_count(self) -> int:
        """Number of test samples."""
        return len(self._rest.y_test)

    def test_accuracy(self, model: keras.Model) -> float:
        """Accuracy on the test samples, which nothing was chosen on."""
        parts = EvaluationBatches(self._rest.x_test, self._rest.y_test, self._shape)
        right = [np.argmax(model.predict_on_batch(x), axis=1) == y for x, y in (parts[i] for i in range(len(parts)))]
        return float(np.mean(np.concatenate(right)))


def finetuner(parts: SearchData, folder: Path, epochs: int, learning_rate: float) -> Finetune:
    """What trains the finalists of a search: with Adam, in a folder each, in which a training that was stopped goes on.

    Args:
        parts: The data.
        folder: Holds the folders.
        epochs: Epochs of each finalist, at least 1.
        learning_rate: At the beginning, above 0; it falls to zero along half a cosine.

    Raises:
        InvalidArgumentError: The learning rate is out of its range.
    """
    if not 0.0 < learning_rate < math.inf:
        raise InvalidArgumentError("Invalid `learning_rate`.", expected="a number above 0", received=learning_rate)
    training = Training(epochs=epochs, optimizer=Optimizer(learning_rate=learning_rate))

    def finetune(model: keras.Model, callbacks: list[keras.callbacks.Callback], name: str) -> None:
        place = folder / f"{name}-{_fingerprint(model, parts)}-{epochs}-{learning_rate:g}"
        place.parent.mkdir(parents=True, exist_ok=True)
        fit_resumably(model, training, Leg(place, parts.training(training.batch_size)), callbacks, Reporter())

    return finetune


def _fingerprint(model: keras.Model, parts: SearchData) -> str:
    """Of a network before its training and of what it must not be trained on: another study may use the folder, too."""
    total = hashlib.sha256()
    for array in (*model.get_weights(), *parts.validation()):
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()[:16]
