# SPDX-License-Identifier: Apache-2.0
"""Samples in batches."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tests.utils.networks import build, samples
from tfsparse.analysis.batches import batches
from tfsparse.errors import InvalidArgumentError


@pytest.fixture
def model() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), layers.Dense(2)])


def sizes(model, x, batch_size=4) -> list[int]:
    return [len(keras.tree.flatten(batch)[0]) for batch in batches(model, x, batch_size, "Working")]


def test_the_last_batch_may_be_smaller(model):
    x = np.arange(30.0).reshape(10, 3)
    assert sizes(model, x) == [4, 4, 2]
    np.testing.assert_array_equal(np.concatenate(list(batches(model, x, 4, "Working"))), x)


@pytest.mark.parametrize("name", ["shared_layer", "shared_model"])
def test_lists_and_dicts_are_sliced_together(name):
    model = build(name)
    x = samples(model, count=5)
    received = list(batches(model, x, 2, "Working"))
    assert [type(batch) for batch in received] == [type(x)] * 3
    assert sizes(model, x, 2) == [2, 2, 1]


def test_iterables_come_as_they_are(model):
    assert sizes(model, (np.ones((size, 3)) for size in (5, 1))) == [5, 1]


def test_of_a_tuple_only_x_is_taken(model):
    received = list(batches(model, iter([(np.ones((2, 3)), np.zeros(2))]), 4, "Working"))
    assert [batch.shape for batch in received] == [(2, 3)]


def test_keras_data_sets_end(model):
    class Numbers(keras.utils.PyDataset):
        def __len__(self):
            return 3

        def __getitem__(self, index):
            return np.full((2, 3), index), np.zeros(2)

    assert sizes(model, Numbers(workers=1)) == [2, 2, 2]


def test_tensorflow_data_sets(model):
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices((np.ones((5, 3)), np.zeros(5))).batch(2)
    assert sizes(model, data) == [2, 2, 1]


def test_subclassed_models_take_any_shape():
    class Subclassed(keras.Model):
        def call(self, x):
            return x

    assert sizes(Subclassed(), np.ones((5, 7))) == [4, 1]


@pytest.mark.parametrize(
    "x", [np.ones((0, 3)), [], iter([]), np.float32(3.0)], ids=["array", "list", "iterator", "0-d"]
)
def test_refuses_no_samples(model, x):
    with pytest.raises(InvalidArgumentError, match=r"`x` (holds no samples|does not have the shape)"):
        sizes(model, x)


@pytest.mark.parametrize("shape", [(4, 5), (4, 3, 1), (4,), (3,)])
def test_refuses_a_wrong_shape(model, shape):
    with pytest.raises(InvalidArgumentError, match=r"shape of the model's input.*\(None, 3\).*Received"):
        sizes(model, np.ones(shape))


def test_refuses_a_wrong_shape_in_a_later_batch(model):
    with pytest.raises(InvalidArgumentError, match=r"Received: \(2, 4\)"):
        sizes(model, iter([np.ones((2, 3)), np.ones((2, 4))]))


def test_refuses_too_few_inputs():
    with pytest.raises(InvalidArgumentError, match=r"\(None, 8, 8, 3\), \(None, 8, 8, 3\)"):
        sizes(build("shared_layer"), np.ones((2, 8, 8, 3)))


def test_refuses_a_dict_without_an_input():
    with pytest.raises(InvalidArgumentError, match=r"lacks inputs.*\['left', 'right'\].*\['left'\]"):
        sizes(build("shared_model"), {"left": np.ones((2, 8, 8, 3))})


def test_refuses_inputs_of_different_lengths():
    with pytest.raises(InvalidArgumentError, match=r"number of samples.*\[2, 3\]"):
        sizes(build("shared_layer"), [np.ones((2, 8, 8, 3)), np.ones((3, 8, 8, 3))])


@pytest.mark.parametrize("x", [np.full((2, 3), "a"), np.full((2, 3), None)])
def test_refuses_what_are_no_numbers(model, x):
    with pytest.raises(InvalidArgumentError, match="holds no numbers"):
        sizes(model, x)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_refuses_what_is_not_finite(model, value):
    with pytest.raises(InvalidArgumentError, match="`x` holds NaN or infinity"):
        sizes(model, np.array([[1.0, value, 2.0]]))


@pytest.mark.parametrize("x", ["x.npz", 3, None])
def test_refuses_what_is_no_data(model, x):
    with pytest.raises(InvalidArgumentError, match="an array, arrays, or an iterable of batches"):
        sizes(model, x)


@pytest.mark.parametrize("batch_size", [0, -1, 2.5, None])
def test_refuses_a_bad_batch_size(model, batch_size):
    with pytest.raises(InvalidArgumentError, match="Invalid `batch_size`"):
        sizes(model, np.ones((2, 3)), batch_size)
