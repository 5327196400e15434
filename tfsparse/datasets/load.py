# SPDX-License-Identifier: Apache-2.0
"""A data set from whatever holds it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.digits import load_digits
from tfsparse.datasets.hints import hint_for
from tfsparse.datasets.image_folder import load_image_folder
from tfsparse.datasets.keras_cache import KERAS_NAMES, load_keras_cache
from tfsparse.datasets.npz import load_npz
from tfsparse.datasets.tfrecord import holds_tfrecords, load_tfrecords
from tfsparse.errors import InvalidArgumentError

_KINDS = "an .npz file, a folder with train/ and test/ folders of images, a folder of TFRecord files, or one of " + (
    ", ".join(KERAS_NAMES)
)


def load_dataset(
    source: str | os.PathLike[str] | None = None,
    *,
    image_size: tuple[int, int] | int | None = None,
    in_memory: bool | None = None,
    download: bool = False,
) -> Dataset:
    """Reads a labelled data set with a training and a test part, and checks that it can be trained on.

    Args:
        source: One of

            - `None`: scikit-learn's handwritten digits;
            - an `.npz` file with the keys `x_train`, `y_train`, `x_test`, `y_test`;
            - a folder with `train/CLASS/IMAGE` and `test/CLASS/IMAGE` (or `val/CLASS/IMAGE`) files;
            - a folder of TFRecord files `train*`, and `test*` or `val*`, of `tf.train.Example` with `image/encoded` and
              `image/class/label`;
            - `"mnist"`, `"fashion_mnist"`, `"cifar10"` or `"cifar100"`, as Keras keeps them in `~/.keras/datasets` (or
              below `KERAS_HOME`).
        image_size: For folders: height and width in pixels (one number: both) that images are resized to. They are
            scaled until they cover it, and cut to their middle. `None`: all must be of the same size.
        in_memory: For folders: whether all images are decoded at once; otherwise each batch is decoded when its turn
            comes, and the data need not fit in memory. `None`: at once if they take no more than 2 GiB.
        download: For Keras' names: whether Keras may download what is not there. Nothing is ever downloaded otherwise.

    Returns:
        The samples as they are stored; images of folders are `uint8 [samples, height, width, channels]`. `origin` tells
        where they are from.

    Raises:
        InvalidArgumentError: There is no such data set, it is damaged or laid out otherwise, or an option does not
            apply to it.

    Example:

    >>> load_dataset().x_train.shape
    (1347, 20, 20, 1)
    """
    dataset = _load(source, image_size, in_memory, download)
    return replace(dataset, origin=_origin(source, image_size))


def _load(
    source: str | os.PathLike[str] | None,
    image_size: tuple[int, int] | int | None,
    in_memory: bool | None,
    download: bool,
) -> Dataset:
    path = None if source is None else Path(source)
    is_folder = path is not None and path.is_dir()
    _check_options(is_folder, image_size=image_size, in_memory=in_memory)
    by_name = path is not None and not path.exists() and str(source) in KERAS_NAMES
    if download and not by_name:
        raise InvalidArgumentError(
            "Only Keras' own data sets can be downloaded.", expected=", ".join(KERAS_NAMES), received=f"{source}"
        )
    if path is None:
        return load_digits()
    if by_name:
        return load_keras_cache(str(source), download=download)
    if not path.exists():
        raise _missing(str(source))
    if is_folder:
        read = load_tfrecords if holds_tfrecords(path) else load_image_folder
        return read(path, checked_size(image_size), in_memory)
    return _checked(load_npz(path), path)


def _origin(source: str | os.PathLike[str] | None, image_size: tuple[int, int] | int | None) -> dict[str, Any]:
    size = checked_size(image_size)
    return {"source": _place(source), **({"image_size": list(size)} if size is not None else {})}


def _place(source: str | os.PathLike[str] | None) -> str | None:
    if source is None:
        return None
    return os.path.abspath(source) if Path(source).exists() else str(source)


def checked_size(image_size: tuple[int, int] | int | None) -> tuple[int, int] | None:
    """Height and width, if they can be those of an image.

    Raises:
        InvalidArgumentError: They cannot.

    Example:

    >>> checked_size(24)
    (24, 24)
    """
    if image_size is None:
        return None
    size = (image_size, image_size) if isinstance(image_size, int) else tuple(image_size)
    if len(size) != 2 or not all(isinstance(side, int) and side >= 1 for side in size):
        raise InvalidArgumentError(
            "Invalid `image_size`.", expected="height and width in pixels, integers of 1 or more", received=image_size
        )
    return size


def _check_options(is_folder: bool, **options: object) -> None:
    given = [name for name, value in options.items() if value is not None]
    if given and not is_folder:
        raise InvalidArgumentError(
            f"`{given[0]}` is for folders of images and of TFRecord files.", remedy="Leave it out for this data set."
        )


def _missing(source: str) -> InvalidArgumentError:
    hint = hint_for(source)
    remedy = f"{hint.title} is at {hint.page}: {hint.layout}." if hint else None
    return InvalidArgumentError(f"There is no data set at {source}.", expected=_KINDS, remedy=remedy)


def _checked(dataset: Dataset, path: Path) -> Dataset:
    """The data set, if a network can be trained and tested on it."""
    train, test = dataset.x_train, dataset.x_test
    if train.shape[1:] != test.shape[1:]:
        raise InvalidArgumentError(
            f"{path}: training and test samples differ in shape.",
            expected="the same shape",
            received=f"{train.shape[1:]} and {test.shape[1:]}",
        )
    for name, x in (("x_train", train), ("x_test", test)):
        _check_numbers(x, f"{path}: {name}")
    return dataset


def _check_numbers(x: np.ndarray, name: str) -> None:
    if x.dtype == np.uint8:
        return
    if not np.issubdtype(x.dtype, np.floating):
        raise InvalidArgumentError(
            f"{name} is of a type that has no agreed scale.",
            expected="uint8 (scaled to [0, 1]) or a floating-point type (taken as it is)",
            received=str(x.dtype),
            remedy="Store it as uint8, or as floating-point numbers that are scaled as the network shall take them.",
        )
    broken = np.flatnonzero(~np.isfinite(x).reshape(len(x), -1).all(axis=1))
    if len(broken):
        raise InvalidArgumentError(
            f"{name} holds NaN or infinity.",
            expected="finite numbers",
            received=f"{len(broken)} such samples, the first at index {broken[0]}",
        )
