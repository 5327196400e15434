# SPDX-License-Identifier: Apache-2.0
"""What labels have to be."""

from __future__ import annotations

import numpy as np

from tfsparse.errors import InvalidArgumentError


def check_labels(
    labels: np.ndarray, samples: int, *, name: str = "y", samples_name: str = "x", num_classes: int | None = None
) -> np.ndarray:
    """The labels in their usual form, or an error that says what is wrong with them.

    Args:
        labels: Integers from 0, `[samples]` or `[samples, 1]`.
        samples: How many there must be.
        name: What the message calls them.
        samples_name: What the message calls the samples.
        num_classes: Number of classes that the network tells apart; `None` allows any.

    Returns:
        `int32` array `[samples]`.

    Raises:
        InvalidArgumentError: The labels are not that many, no integers, or outside the classes.

    Example:

    >>> check_labels(np.array([[3], [1]]), 2)
    array([3, 1], dtype=int32)
    """
    labels = np.asarray(labels)
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    classes = np.iinfo(np.int32).max if num_classes is None else num_classes
    integers = labels.shape == (samples,) and np.issubdtype(labels.dtype, np.integer)
    if integers and (samples == 0 or (labels.min() >= 0 and labels.max() < classes)):
        return labels.astype(np.int32)
    received = f"{labels.dtype} of shape {labels.shape}"
    if integers:
        received = f"labels from {labels.min()} to {labels.max()}"
    highest = "" if num_classes is None else f" to {num_classes - 1}"
    raise InvalidArgumentError(
        f"{name} does not label {samples_name}.",
        expected=f"{samples} integers from 0{highest}",
        received=received,
        remedy=_remedy(labels, samples),
    )


def _remedy(labels: np.ndarray, samples: int) -> str:
    if labels.ndim == 2 and len(labels) == samples:
        return "Of one column for each class, take the place of the largest: np.argmax(y, axis=1)."
    if labels.shape != (samples,):
        return "Give each sample one label."
    if not np.issubdtype(labels.dtype, np.integer):
        return "Number the classes: _, y = np.unique(y, return_inverse=True)."
    return "Number the classes from 0 on, without gaps."
