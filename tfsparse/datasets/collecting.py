# SPDX-License-Identifier: Apache-2.0
"""A data set from batches that something else makes: `tf.data`, `keras.utils.PyDataset`, a loader of yours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.labels import check_labels
from tfsparse.errors import InvalidArgumentError
from tfsparse.progress import with_progress

_INFINITE = -1
"""`tf.data.INFINITE_CARDINALITY`."""


def collect_dataset(train: Any, test: Any) -> Dataset:
    """Gathers batches `(samples, labels)` into memory, so that whatever works on arrays works on them.

    Give it plain samples, in any order: `Augmentation` makes the random changes later, anew in every epoch, and
    `TrainingBatches` shuffles.

    Args:
        train: Batches to train on: a `tf.data.Dataset`, a `keras.utils.PyDataset`, or any iterable of pairs.
        test: Batches to test on.

    Returns:
        All samples and their labels.

    Raises:
        InvalidArgumentError: There are none, there is no end of them, or they are no pairs of samples and labels.

    Example:

    >>> batches = [(np.zeros((4, 8, 8)), np.arange(4)), (np.ones((2, 8, 8)), np.arange(2))]
    >>> collect_dataset(batches, batches[:1]).x_train.shape
    (6, 8, 8)
    """
    return Dataset(*_gathered(train, "train"), *_gathered(test, "test"))


def _gathered(batches: Any, part: str) -> tuple[np.ndarray, np.ndarray]:
    pairs = [_pair(element, part) for element in with_progress(_elements(batches, part), f"Read {part} batches")]
    if not pairs:
        raise InvalidArgumentError(f"`{part}` holds no batches.", expected="at least one batch")
    shapes = sorted({x.shape[1:] for x, _ in pairs})
    if len(shapes) > 1:
        raise InvalidArgumentError(
            f"The samples of `{part}` differ in shape.", expected="one shape", received=f"{shapes[0]} and {shapes[1]}"
        )
    x, y = (np.concatenate(arrays) for arrays in zip(*pairs, strict=True))
    return x, y


def _elements(batches: Any, part: str) -> Iterator[Any]:
    cardinality = getattr(batches, "cardinality", None)
    is_endless = cardinality is not None and int(cardinality()) == _INFINITE
    if is_endless or getattr(batches, "num_batches", 0) is None:
        raise InvalidArgumentError(
            f"`{part}` never ends.", expected="each sample once", remedy="Leave `repeat()` out: training repeats."
        )
    if hasattr(batches, "as_numpy_iterator"):
        return batches.as_numpy_iterator()
    if hasattr(batches, "num_batches"):
        return (batches[index] for index in range(batches.num_batches))
    if isinstance(batches, Iterable):
        return iter(batches)
    raise InvalidArgumentError(
        f"`{part}` holds no batches.", expected="an iterable of (samples, labels)", received=type(batches).__name__
    )


def _pair(element: Any, part: str) -> tuple[np.ndarray, np.ndarray]:
    if not isinstance(element, tuple | list) or len(element) != 2:
        raise InvalidArgumentError(
            f"`{part}` does not consist of pairs.",
            expected="batches (samples, labels)",
            received=f"{len(element)} parts" if isinstance(element, tuple | list) else type(element).__name__,
        )
    x, y = (np.asarray(array) for array in element)
    if y.ndim == 0 or x.ndim < 2:
        raise InvalidArgumentError(
            f"`{part}` holds single samples.",
            expected="batches [samples, ...]",
            received=f"shapes {x.shape} and {y.shape}",
            remedy="Batch them, with `.batch(256)` in tf.data.",
        )
    return x, check_labels(y, len(x), name=f"`{part}`'s second part")
