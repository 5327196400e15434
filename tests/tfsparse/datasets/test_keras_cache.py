# SPDX-License-Identifier: Apache-2.0
"""What Keras keeps in its folder is read from there, and nothing is downloaded unasked."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
from typing import ClassVar

import keras
import numpy as np
import pytest

from tfsparse.datasets import load_dataset
from tfsparse.errors import InvalidArgumentError


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    folder = tmp_path / "datasets"
    folder.mkdir()
    return folder


def rows(count):
    """CIFAR's layout: a row an image, all red pixels first."""
    return np.arange(count * 3072, dtype=np.int64).astype(np.uint8).reshape(count, 3072)


class Python2Pickler(pickle._Pickler):
    """Pickles text and bytes alike as Python 2 did, which CIFAR's files come from."""

    dispatch: ClassVar = dict(pickle._Pickler.dispatch)

    def save_string(self, value):
        content = value.encode() if isinstance(value, str) else value
        self.write(pickle.BINSTRING + struct.pack("<i", len(content)) + content)
        self.memoize(value)

    dispatch[str] = dispatch[bytes] = save_string


def pickled(value):
    buffer = io.BytesIO()
    Python2Pickler(buffer, protocol=2).dump(value)
    return buffer.getvalue().replace(b"numpy._core", b"numpy.core")


def write_cifar10(cache):
    folder = cache / "cifar-10-batches-py-target" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    for number in range(1, 6):
        batch = {b"data": rows(2), b"labels": [number, 0]}
        (folder / f"data_batch_{number}").write_bytes(pickled(batch))
    (folder / "test_batch").write_bytes(pickled({b"data": rows(1), b"labels": [7]}))
    return folder


def test_mnist(cache):
    np.savez(
        cache / "mnist.npz",
        x_train=np.ones((3, 28, 28), np.uint8),
        y_train=np.array([1, 2, 0]),
        x_test=np.zeros((1, 28, 28), np.uint8),
        y_test=np.array([2]),
    )
    dataset = load_dataset("mnist")
    assert dataset.x_train.shape == (3, 28, 28)
    assert dataset.num_classes == 3


def test_fashion_mnist(cache):
    folder = cache / "fashion-mnist"
    folder.mkdir()
    for part, count in (("train", 3), ("t10k", 2)):
        pixels = np.arange(count, dtype=np.uint8).repeat(784)
        images, labels = bytes(16) + pixels.tobytes(), bytes(8) + bytes(range(count))
        (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(labels))
    dataset = load_dataset("fashion_mnist")
    assert dataset.x_train[:, 0, 0].tolist() == dataset.y_train.tolist() == [0, 1, 2]
    assert dataset.x_test.shape == (2, 28, 28)


def test_cifar10(cache):
    write_cifar10(cache)
    dataset = load_dataset("cifar10")
    assert dataset.x_train.shape == (10, 32, 32, 3)
    assert dataset.y_train.tolist() == [1, 0, 2, 0, 3, 0, 4, 0, 5, 0]
    assert dataset.y_test.tolist() == [7]
    row = rows(1)[0]
    assert dataset.x_test[0, 1, 2].tolist() == [row[34], row[1024 + 34], row[2048 + 34]]


def test_cifar100_of_an_older_keras(cache):
    folder = cache / "cifar-100-python"
    folder.mkdir()
    for part, count in (("train", 2), ("test", 1)):
        batch = {b"data": rows(count), b"fine_labels": [99] * count, b"coarse_labels": [1] * count}
        (folder / part).write_bytes(pickled(batch))
    dataset = load_dataset("cifar100")
    assert dataset.y_train.tolist() == [99, 99]
    assert dataset.x_test.shape == (1, 32, 32, 3)


def test_what_is_missing_is_not_downloaded(cache):
    with pytest.raises(InvalidArgumentError, match=r"not downloaded cifar100.*cifar-100.*download=True.*cs\.toronto"):
        load_dataset("cifar100")
    assert not list(cache.iterdir())


def test_keras_downloads_on_request(cache, monkeypatch):
    def load_data():
        return (np.zeros((2, 32, 32, 3), np.uint8), np.array([[1], [0]])), (np.ones((1, 32, 32, 3), np.uint8), [[1]])

    monkeypatch.setattr(keras.datasets.cifar10, "load_data", load_data)
    dataset = load_dataset("cifar10", download=True)
    assert dataset.y_train.tolist() == [1, 0]
    assert dataset.y_test.tolist() == [1]


def test_what_is_there_is_not_downloaded_again(cache, monkeypatch):
    def load_data():
        raise AssertionError("downloads")

    write_cifar10(cache)
    monkeypatch.setattr(keras.datasets.cifar10, "load_data", load_data)
    assert len(load_dataset("cifar10", download=True).x_train) == 10


class Intruder:
    def __reduce__(self):
        return os.getcwd, ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, r"damaged or incomplete.*data_batch_3"),
        (b"", r"cifar-10-batches-py is damaged or incomplete"),
        (pickle.dumps({b"data": rows(1)}), r"damaged or incomplete"),
        (pickle.dumps({b"data": rows(1), b"labels": [1, 2]}), r"data_batch_3 does not label x"),
        (pickle.dumps({b"data": np.zeros((1, 5), np.uint8), b"labels": [1]}), r"damaged or incomplete"),
        (pickle.dumps([1]), r"damaged or incomplete"),
        (pickle.dumps(Intruder()), r"getcwd does not belong there"),
    ],
)
def test_damaged_files_are_refused(cache, content, message):
    path = write_cifar10(cache) / "data_batch_3"
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidArgumentError, match=message):
        load_dataset("cifar10")
