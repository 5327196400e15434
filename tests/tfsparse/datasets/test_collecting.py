# SPDX-License-Identifier: Apache-2.0
"""Data sets of `tf.data` and `PyDataset`."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from tfsparse.datasets import EvaluationBatches, collect_dataset
from tfsparse.errors import InvalidArgumentError

X, Y = np.arange(5 * 4, dtype=np.float32).reshape(5, 2, 2), np.array([0, 1, 2, 0, 1])


class Endless(keras.utils.PyDataset):
    @property
    def num_batches(self):
        return None

    def __getitem__(self, index):
        return X, Y


def as_tf_data():
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(2)


def as_py_dataset():
    return EvaluationBatches(X, Y, (2, 2, 1), batch_size=2)


def as_list():
    return [(X[:3], Y[:3, None]), (X[3:], Y[3:, None])]


@pytest.mark.parametrize("make", [as_tf_data, as_py_dataset, as_list])
def test_batches_are_gathered(make):
    dataset = collect_dataset(make(), make())
    for x, y in ((dataset.x_train, dataset.y_train), (dataset.x_test, dataset.y_test)):
        np.testing.assert_array_equal(x.reshape(X.shape), X)
        np.testing.assert_array_equal(y, Y)


@pytest.mark.parametrize(
    ("batches", "message"),
    [
        (lambda: as_tf_data().repeat(), r"`train` never ends.*`repeat\(\)`"),
        (lambda: Endless(), r"`train` never ends"),
        (lambda: [], r"`train` holds no batches.*at least one"),
        (lambda: 3, r"`train` holds no batches.*Received: int"),
        (lambda: [X], r"does not consist of pairs.*Received: ndarray"),
        (lambda: [(X, Y, Y)], r"does not consist of pairs.*Received: 3 parts"),
        (lambda: as_tf_data().unbatch(), r"single samples.*`\.batch\(256\)`"),
        (lambda: [(X, Y), (X[:, :1], Y)], r"`train` differ in shape.*\(1, 2\) and \(2, 2\)"),
        (lambda: [(X, np.eye(3)[Y])], r"`train`'s second part does not label x.*float64 of shape \(5, 3\)"),
    ],
)
def test_other_batches_are_refused(batches, message):
    with pytest.raises(InvalidArgumentError, match=message):
        collect_dataset(batches(), as_list())
