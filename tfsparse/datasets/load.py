# SPDX-License-Identifier: Apache-2.0
"""A data set from whatever holds it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.digits import load_digits
from tfsparse.datasets.npz import load_npz
from tfsparse.errors import InvalidArgumentError


def load_dataset(source: str | os.PathLike[str] | None = None) -> Dataset:
    """Reads a labelled data set with a training and a test part, and checks that it can be trained on.

    Args:
        source: `None` for scikit-learn's handwritten digits, or the path of an `.npz` file with the keys `x_train`,
            `y_train`, `x_test`, `y_test`.

    Returns:
        The samples as they are stored.

    Raises:
        InvalidArgumentError: There is nothing at the path, or what is there is no such data set.

    Example:

    >>> load_dataset().x_train.shape
    (1347, 20, 20, 1)
    """
    if source is None:
        return load_digits()
    path = Path(source)
    if not path.exists():
        raise InvalidArgumentError(f"There is no data set at {path}.", expected="an .npz file")
    return checked(load_npz(path), path)


def checked(dataset: Dataset, path: Path) -> Dataset:
    """The data set, if a network can be trained and tested on it.

    Raises:
        InvalidArgumentError: Samples of training and test differ in shape, are of a type without an agreed scale, or
            hold NaN or infinity.
    """
    train, test = dataset.x_train, dataset.x_test
    if train.shape[1:] != test.shape[1:]:
        raise InvalidArgumentError(
            f"{path}: training and test samples differ in shape.",
            expected="the same shape",
            received=f"{tuple(train.shape[1:])} and {tuple(test.shape[1:])}",
        )
    for name, x in (("x_train", train), ("x_test", test)):
        floats = np.issubdtype(x.dtype, np.floating)
        if not floats and x.dtype != np.uint8:
            raise InvalidArgumentError(
                f"{path}: {name} is of a type that has no agreed scale.",
                expected="uint8 (scaled to [0, 1]) or a floating-point type (taken as it is)",
                received=str(x.dtype),
            )
        if floats and isinstance(x, np.ndarray) and not np.isfinite(x).all():
            broken = np.flatnonzero(~np.isfinite(x).reshape(len(x), -1).all(axis=1))
            raise InvalidArgumentError(
                f"{path}: {name} holds NaN or infinity.",
                expected="finite numbers",
                received=f"{len(broken)} such samples, the first at index {broken[0]}",
            )
    return dataset
