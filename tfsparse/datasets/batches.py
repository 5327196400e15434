# SPDX-License-Identifier: Apache-2.0
"""Batches for `fit` and `evaluate`, the same ones again whenever they are asked for again."""

from __future__ import annotations

import os
from typing import Any

import keras
import numpy as np

from tfsparse.datasets.augmentation import Augmentation
from tfsparse.datasets.images import as_model_input
from tfsparse.datasets.inputs import evaluation_inputs, window_size
from tfsparse.datasets.labels import check_labels
from tfsparse.errors import InvalidArgumentError

_MOST_THREADS = 16
"""Each keeps a batch in memory."""


class TrainingBatches(keras.utils.PyDataset):
    """Shuffled, augmented batches for `fit`; every sample is in exactly one batch of an epoch.

    Order and augmentation follow from `(seed, epoch, index of the batch)` alone: a run that was killed and goes on at
    `start_at(epoch)` sees the batches that it would have seen. `fit` shuffles the batches of a `PyDataset` once more,
    by a state of its own, and calls `on_epoch_end` before the first epoch: so switch off the former, and let
    `FollowEpoch` tell the batches which epoch it is.

    Args:
        x: Samples `[samples, ...]`, `uint8` (scaled to [0, 1]) or floating point (taken as they are); an array, or
            anything with `len`, `shape` and `dtype` that gives an array for an array of indices.
        y: Labels `[samples]`, integers from 0.
        input_shape: Shape of the network's input without the batch axis. Of larger images a window of that size is cut
            out at random; images of two axes get their channel axis; a flat shape gets images flattened.
        batch_size: Samples of a batch, at least 1; the last batch of an epoch may have fewer.
        augmentation: Random changes of the images; the default makes none but the cut.
        seed: Of order and augmentation, at least 0.
        drop_remainder: Whether a last batch of fewer samples is left out; samples then take turns, epoch by epoch.
        multiple_of: The last batch is cut to a multiple of this, the number of devices that share each batch; samples
            take turns.
        **kwargs: `workers`, `use_multiprocessing` and `max_queue_size` of `keras.utils.PyDataset`; images that are
            decoded when asked for get a thread for each core, others one.

    Raises:
        InvalidArgumentError: The samples or the augmentation do not fit the network's input, the labels not the
            samples, or a number is outside its range.

    Example:

    >>> x, y = np.zeros((100, 32, 32, 3), np.uint8), np.arange(100) % 10
    >>> batches = TrainingBatches(x, y, (24, 24, 3), 32, Augmentation(flip=True), seed=0)
    >>> len(batches), batches[0][0].shape, batches[3][1].shape
    (4, (32, 24, 24, 3), (4,))

    `model.fit(batches, shuffle=False, callbacks=[FollowEpoch(batches)], epochs=10)` trains on them.
    """

    def __init__(
        self,
        x: Any,
        y: np.ndarray,
        input_shape: tuple[int, ...],
        batch_size: int = 128,
        augmentation: Augmentation | None = None,
        seed: int = 0,
        *,
        drop_remainder: bool = False,
        multiple_of: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**(_usual_workers(x) | kwargs))
        self._x, self._y = x, check_labels(y, len(x))
        self._input_shape = tuple(input_shape)
        self._augmentation = augmentation or Augmentation()
        self._size = window_size(x.shape[1:], self._input_shape, self._augmentation.pad)
        self._batch_size, self._seed = check_shared_batch(batch_size, multiple_of), _checked_seed(seed)
        self._used = len(x) - len(x) % multiple_of
        self._drop_remainder = drop_remainder
        self._check_augmentation()
        if not len(self):
            raise InvalidArgumentError(
                "There are too few samples for a batch.",
                expected=f"at least {batch_size if drop_remainder else 1}",
                received=len(x),
            )
        self._order = (0, self._order_of(0))

    @property
    def epoch(self) -> int:
        """The epoch whose batches are given now, from 0."""
        return self._order[0]

    def start_at(self, epoch: int) -> None:
        """Gives the batches of this epoch from now on.

        Args:
            epoch: Epochs that were trained before it.
        """
        if epoch != self.epoch:
            self._order = (epoch, self._order_of(epoch))

    def on_epoch_end(self) -> None:
        """Goes on to the next epoch; `fit` calls this."""
        self.start_at(self.epoch + 1)

    def __len__(self) -> int:
        full, rest = divmod(self._used, self._batch_size)
        return full if self._drop_remainder or not rest else full + 1

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """One batch of the epoch: inputs `float32 [samples, *input_shape]` and labels `int32 [samples]`."""
        epoch, order = self._order
        chosen = order[: self._used][index * self._batch_size : (index + 1) * self._batch_size]
        samples = self._x[chosen]
        if self._size is not None:
            rng = np.random.default_rng([self._seed, epoch, index + 1])
            samples = self._augmentation.apply(samples, self._size, rng)
        return as_model_input(samples, len(self._input_shape) + 1), self._y[chosen]

    def _order_of(self, epoch: int) -> np.ndarray:
        # Zeros at the end of a seed do not change it, so 0 here and the batches' index + 1 keep the streams apart.
        return np.random.default_rng([self._seed, epoch, 0]).permutation(len(self._x))

    def _check_augmentation(self) -> None:
        crop = self._augmentation.crop
        if self._size is None and self._augmentation != Augmentation():
            raise InvalidArgumentError(
                "Only images can be augmented.",
                expected="samples [height, width] or [height, width, channels]",
                received=f"samples of shape {tuple(self._x.shape[1:])}",
            )
        if crop is not None and self._size != (crop, crop):
            raise InvalidArgumentError(
                "The augmentation crops to another size than the network's input.",
                expected=f"an input of {crop} by {crop} pixels",
                received=f"an input of shape {self._input_shape}",
                remedy="Build the network for `augmentation.cropped(shape of a sample)`.",
            )


class EvaluationBatches(keras.utils.PyDataset):
    """The samples in their order, as `evaluation_inputs` makes them, batch by batch: for data larger than memory.

    Args:
        x: Samples, as for `TrainingBatches`.
        y: Labels `[samples]`, integers from 0.
        input_shape: Shape of the network's input without the batch axis.
        batch_size: Samples of a batch, at least 1.
        multiple_of: The number of devices that share each batch. Where the samples are no multiple of it, the last
            batch is filled up, and all batches have weights: 0 for the filling, and for the others such that means over
            all samples, of losses and of `weighted_metrics`, are what they are without filling.
        **kwargs: `workers`, `use_multiprocessing` and `max_queue_size` of `keras.utils.PyDataset`; images that are
            decoded when asked for get a thread for each core, others one.

    Raises:
        InvalidArgumentError: The samples do not fit the network's input, or the labels not the samples.

    Example:

    >>> batches = EvaluationBatches(np.zeros((5, 28, 28), np.uint8), np.zeros(5, int), (28, 28, 1), batch_size=4)
    >>> [x.shape for x, y in batches]
    [(4, 28, 28, 1), (1, 28, 28, 1)]
    """

    def __init__(
        self,
        x: Any,
        y: np.ndarray,
        input_shape: tuple[int, ...],
        batch_size: int = 256,
        *,
        multiple_of: int = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**(_usual_workers(x) | kwargs))
        self._x, self._y = x, check_labels(y, len(x))
        self._input_shape = tuple(input_shape)
        self._batch_size = check_shared_batch(batch_size, multiple_of)
        self._filling = -len(x) % multiple_of
        window_size(x.shape[1:], self._input_shape)

    def __len__(self) -> int:
        return -(-len(self._x) // self._batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, ...]:
        part = slice(index * self._batch_size, (index + 1) * self._batch_size)
        x, y = evaluation_inputs(self._x[part], self._input_shape), self._y[part]
        return self._filled_up(x, y, index) if self._filling else (x, y)

    def _filled_up(self, x: np.ndarray, y: np.ndarray, index: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        weights = np.full(len(y), (len(self._x) + self._filling) / len(self._x), np.float32)
        if index < len(self) - 1:
            return x, y, weights
        filling = [self._filling, *[0] * (x.ndim - 1)]
        x = np.pad(x, [(0, size) for size in filling], mode="edge")
        return x, np.pad(y, (0, self._filling), mode="edge"), np.pad(weights, (0, self._filling))


class FollowEpoch(keras.callbacks.Callback):
    """Tells training batches which epoch `fit` is in, `initial_epoch` included.

    Args:
        batches: What `fit` trains on.

    Example:

    >>> batches = TrainingBatches(np.zeros((4, 3)), np.array([0, 1, 0, 1]), (3,), batch_size=2)
    >>> model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    >>> model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> callback = FollowEpoch(batches)
    >>> _ = model.fit(batches, shuffle=False, callbacks=[callback], initial_epoch=3, epochs=5, verbose=0)
    >>> batches.epoch
    5
    """

    def __init__(self, batches: TrainingBatches) -> None:
        super().__init__()
        self._batches = batches

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._batches.start_at(epoch)


def check_batch_size(batch_size: int) -> int:
    """The number, if it is one that a batch can have.

    Raises:
        InvalidArgumentError: It is no integer or below 1.

    Example:

    >>> check_batch_size(32)
    32
    """
    if not isinstance(batch_size, int) or batch_size < 1:
        raise InvalidArgumentError("Invalid `batch_size`.", expected="an integer, 1 or more", received=batch_size)
    return batch_size


def check_shared_batch(batch_size: int, devices: int) -> int:
    """The number, if it is one that a batch can have that `devices` devices share.

    Raises:
        InvalidArgumentError: It is no integer, below 1, or no multiple of `devices`.

    Example:

    >>> check_shared_batch(32, devices=2)
    32
    """
    if check_batch_size(batch_size) % devices:
        raise InvalidArgumentError(
            f"{devices} devices cannot share a batch of this size.",
            expected=f"a multiple of {devices}",
            received=batch_size,
            remedy="Change the batch size, or the number of devices.",
        )
    return batch_size


def _usual_workers(x: Any) -> dict[str, int]:
    if isinstance(x, np.ndarray):
        return {}
    threads = min(os.cpu_count() or 1, _MOST_THREADS)
    return {"workers": threads, "max_queue_size": threads}


def _checked_seed(seed: int) -> int:
    if not isinstance(seed, int) or seed < 0:
        raise InvalidArgumentError("Invalid `seed`.", expected="an integer, 0 or more", received=seed)
    return seed
