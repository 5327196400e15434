# SPDX-License-Identifier: Apache-2.0
"""Data sets that Keras has downloaded before."""

from __future__ import annotations

import gzip
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.hints import hint_for
from tfsparse.datasets.labels import check_labels
from tfsparse.datasets.npz import load_npz
from tfsparse.errors import InvalidArgumentError

_CIFAR_SHAPE = (-1, 3, 32, 32)
_MNIST_SHAPE = (-1, 28, 28)
_IDX_IMAGE_HEADER, _IDX_LABEL_HEADER = 16, 8


def load_keras_cache(name: str, *, download: bool = False) -> Dataset:
    """Reads a data set from the folder in which Keras keeps what it downloads: `~/.keras/datasets`.

    The environment variable `KERAS_HOME` puts another folder in the place of `~/.keras`.

    Args:
        name: One of `KERAS_NAMES`.
        download: Whether Keras may download what is not there.

    Raises:
        InvalidArgumentError: The data set is not there, or damaged.

    Returns:
        `uint8` images `[samples, height, width]` or `[samples, height, width, 3]`, and their labels.
    """
    places, read = _READERS[name]
    cache = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"
    found = next((cache / place for place in places if (cache / place).exists()), None)
    if found is None and download:
        return _downloaded(name)
    if found is None:
        hint = hint_for(name)
        page = f" (or see {hint.page})" if hint else ""
        raise InvalidArgumentError(
            f"Keras has not downloaded {name}.",
            expected=f"{cache / places[0]}",
            remedy=f"Let it: --download, in Python load_dataset('{name}', download=True){page}.",
        )
    try:
        return read(found)
    except (OSError, EOFError, KeyError, TypeError, ValueError, zlib.error, pickle.UnpicklingError) as error:
        if isinstance(error, InvalidArgumentError):
            raise
        raise InvalidArgumentError(
            f"{found} is damaged or incomplete.",
            expected=f"what Keras downloads as {name}",
            received=str(error),
            remedy="Take it away and let Keras download it again.",
        ) from error


def _downloaded(name: str) -> Dataset:
    import keras

    (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
    return Dataset(x_train, check_labels(y_train, len(x_train)), x_test, check_labels(y_test, len(x_test)))


def _read_fashion_mnist(folder: Path) -> Dataset:
    def images(part: str) -> np.ndarray:
        return _idx(folder / f"{part}-images-idx3-ubyte.gz", _IDX_IMAGE_HEADER).reshape(_MNIST_SHAPE)

    def labels(part: str, samples: int) -> np.ndarray:
        path = folder / f"{part}-labels-idx1-ubyte.gz"
        return check_labels(_idx(path, _IDX_LABEL_HEADER), samples, name=str(path))

    x_train, x_test = images("train"), images("t10k")
    return Dataset(x_train, labels("train", len(x_train)), x_test, labels("t10k", len(x_test)))


def _idx(path: Path, header: int) -> np.ndarray:
    with gzip.open(path, "rb") as file:
        return np.frombuffer(file.read(), np.uint8, offset=header)


def _read_cifar10(folder: Path) -> Dataset:
    parts = [_cifar_batch(folder / f"data_batch_{number}", b"labels") for number in range(1, 6)]
    x_train, y_train = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return Dataset(x_train, y_train, *_cifar_batch(folder / "test_batch", b"labels"))


def _read_cifar100(folder: Path) -> Dataset:
    train, test = (_cifar_batch(folder / part, b"fine_labels") for part in ("train", "test"))
    return Dataset(*train, *test)


def _cifar_batch(path: Path, label_key: bytes) -> tuple[np.ndarray, np.ndarray]:
    with path.open("rb") as file:
        stored = _ArraysOnly(file, encoding="bytes").load()
    images = np.asarray(stored[b"data"], np.uint8).reshape(_CIFAR_SHAPE).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images), check_labels(stored[label_key], len(images), name=str(path))


class _ArraysOnly(pickle.Unpickler):
    """Reads pickled arrays, and refuses all else: a pickle can run any code."""

    def __init__(self, file: BinaryIO, *, encoding: str) -> None:
        super().__init__(file, encoding=encoding)

    def find_class(self, module: str, name: str) -> Any:
        if (module.split(".")[0], name) in {("numpy", "ndarray"), ("numpy", "dtype"), ("numpy", "_reconstruct")}:
            return super().find_class(module.replace("numpy.core", "numpy._core"), name)
        raise pickle.UnpicklingError(f"{module}.{name} does not belong there")


_READERS: dict[str, tuple[tuple[str, ...], Callable[[Path], Dataset]]] = {
    "mnist": (("mnist.npz",), load_npz),
    "fashion_mnist": (("fashion-mnist",), _read_fashion_mnist),
    "cifar10": (("cifar-10-batches-py-target/cifar-10-batches-py", "cifar-10-batches-py"), _read_cifar10),
    "cifar100": (("cifar-100-python-target/cifar-100-python", "cifar-100-python"), _read_cifar100),
}
"""By name: where Keras keeps it (newer versions first), and how it is read."""

KERAS_NAMES = tuple(_READERS)
"""What `load_keras_cache` reads."""
