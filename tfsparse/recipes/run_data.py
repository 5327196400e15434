# SPDX-License-Identifier: Apache-2.0
"""The data of a run: training, validation and test samples as one network takes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from tfsparse.datasets import Augmentation, Dataset, evaluation_inputs, split_validation
from tfsparse.datasets.batches import EvaluationBatches, TrainingBatches
from tfsparse.datasets.encoded import EncodedImages
from tfsparse.errors import InvalidArgumentError
from tfsparse.recipes.recipe import DataSettings
from tfsparse.training.distribution import replicas

EVALUATION_SHARE = 500
"""Samples of a batch of evaluation, on each device."""
_FINGERPRINT_CHUNK = 4096


class RunData:
    """The data of a run.

    Args:
        dataset: Where they come from.
        settings: Validation split and augmentation.
        seed: Of the split, the order and the augmentation.
        input_shape: Shape of the network's input without the batch axis; `None`: that of the (cropped) samples.
    """

    def __init__(
        self, dataset: Dataset, settings: DataSettings, seed: int, input_shape: tuple[int, ...] | None = None
    ) -> None:
        if len(dataset.x_train) == 0:
            raise InvalidArgumentError("The data set has nothing to train on.", expected="x_train and y_train")
        self.num_classes = dataset.num_classes
        if self.num_classes > len(dataset.x_train):  # a network with so many outputs might not even fit into memory
            raise InvalidArgumentError(
                "There are more classes than training samples.",
                expected="labels from 0 on without gaps",
                received=f"{len(dataset.x_train):,} training samples, and labels up to {self.num_classes - 1:,}",
                remedy="Number the classes: _, y = np.unique(y, return_inverse=True).",
            )
        self._augmentation = Augmentation(**settings.augmentation.model_dump())
        self._seed = seed
        self.input_shape = input_shape or _with_channels(self._augmentation.cropped(dataset.x_train.shape[1:]))
        self._train, x_val, y_val = split_validation(dataset, settings.validation_share, seed)
        self._splits = {"val": (x_val, y_val), "test": (dataset.x_test, dataset.y_test)}

    def training(self, batch_size: int) -> TrainingBatches:
        """Shuffled, augmented batches of the training samples that are not set aside."""
        return TrainingBatches(
            self._train.x_train,
            self._train.y_train,
            self.input_shape,
            batch_size,
            self._augmentation,
            self._seed,
            multiple_of=replicas(),
        )

    def evaluation(self, split: str) -> EvaluationBatches:
        """The samples of `"val"` or `"test"`, in their order."""
        x, y = self._splits[split]
        devices = replicas()
        return EvaluationBatches(x, y, self.input_shape, EVALUATION_SHARE * devices, multiple_of=devices)

    def calibration(self, samples: int) -> np.ndarray:
        """Some of the training samples, drawn at random but the same ones each time, as the network takes them."""
        count = len(self._train.x_train)
        drawn = np.random.default_rng(self._seed).permutation(count)[:samples]
        return evaluation_inputs(self._train.x_train[np.sort(drawn)], self.input_shape)

    def size(self, split: str) -> int:
        """Number of samples of `"val"` or `"test"`."""
        return len(self._splits[split][1])

    def validation(self) -> tuple[np.ndarray, np.ndarray]:
        """The validation samples, as the network takes them, and their labels."""
        x, y = self._splits["val"]
        return evaluation_inputs(x, self.input_shape), y

    def test_samples(self, samples: int) -> np.ndarray:
        """The first test samples, as the network takes them."""
        return evaluation_inputs(self._splits["test"][0][:samples], self.input_shape)


def fingerprint(dataset: Dataset) -> dict[str, Any]:
    """What tells a data set from others: shapes, types, and a hash of all values; of images in files, of what they are
    called and how long they are, since decoding them all could take hours.
    """
    digest = hashlib.blake2b(digest_size=16)
    parts = {"train": (dataset.x_train, dataset.y_train), "test": (dataset.x_test, dataset.y_test)}
    for x, y in parts.values():
        for content in _content(x):
            digest.update(content)
        digest.update(np.ascontiguousarray(y).data)
    shapes = {name: [*map(int, x.shape)] for name, (x, _) in parts.items()}
    return {**shapes, "dtype": str(dataset.x_train.dtype), "blake2b": digest.hexdigest()}


def _content(x: np.ndarray | EncodedImages) -> Iterator[Any]:
    if isinstance(x, EncodedImages):
        yield x.fingerprint().encode()
        return
    for start in range(0, len(x), _FINGERPRINT_CHUNK):
        yield np.ascontiguousarray(x[start : start + _FINGERPRINT_CHUNK]).data


def _with_channels(sample_shape: tuple[int, ...]) -> tuple[int, ...]:
    return (*sample_shape, 1) if len(sample_shape) == 2 else sample_shape
