# SPDX-License-Identifier: Apache-2.0
"""Data sets: what is read, scaled and refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tfsparse.datasets import as_model_input, load_digits, load_npz
from tfsparse.errors import InvalidArgumentError


def arrays(**changes):
    found = {
        "x_train": np.zeros((4, 3, 3), np.uint8),
        "y_train": np.arange(4),
        "x_test": np.ones((2, 3, 3), np.uint8),
        "y_test": np.array([0, 3]),
    }
    found.update(changes)
    return {name: array for name, array in found.items() if array is not None}


@pytest.fixture
def npz(tmp_path):
    def write(**changes):
        path = tmp_path / "data.npz"
        np.savez(path, **arrays(**changes))
        return path

    return write


def test_npz_gives_the_stored_arrays(npz):
    dataset = load_npz(npz())
    assert dataset.x_train.shape == (4, 3, 3)
    assert dataset.y_test.tolist() == [0, 3]
    assert dataset.num_classes == 4


def test_npz_takes_labels_with_an_axis_too_many(npz):
    assert load_npz(npz(y_test=np.array([[1], [2]]))).y_test.tolist() == [1, 2]


def test_npz_without_training_part_is_enough_for_a_test(npz):
    dataset = load_npz(npz(x_train=None, y_train=None), need_train=False)
    assert dataset.x_train.shape == (0, 3, 3)
    assert dataset.num_classes == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_test": None}, "lacks x_test"),
        ({"x_train": None, "y_train": None}, "lacks x_train, y_train"),
        ({"x_test": np.zeros((0, 3, 3)), "y_test": np.zeros(0, int)}, "x_test holds no samples"),
        ({"y_test": np.array([0.5, 1.0])}, "y_test does not label x_test"),
        ({"y_test": np.array([0, 1, 2])}, "Expected: 2 integers"),
        ({"y_test": np.array([0, -1])}, "y_test does not label x_test"),
        ({"x_test": np.array([object(), 1])}, "no readable data set"),
    ],
)
def test_npz_refuses(npz, changes, message):
    with pytest.raises(InvalidArgumentError, match=message):
        load_npz(npz(**changes))


def test_npz_refuses_a_single_array(tmp_path):
    np.save(tmp_path / "data.npy", np.zeros(3))
    with pytest.raises(InvalidArgumentError, match=r"single array"):
        load_npz(tmp_path / "data.npy")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"hello"])
def test_npz_refuses_other_files(tmp_path, content):
    path = tmp_path / "data.npz"
    path.write_bytes(content)
    with pytest.raises(InvalidArgumentError, match=r"no readable data set"):
        load_npz(path)


def test_npz_refuses_a_truncated_file(npz):
    path = npz()
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(InvalidArgumentError, match=r"no readable data set"):
        load_npz(path)


def test_npz_reports_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"none\.npz"):
        load_npz(tmp_path / "none.npz")


def test_npz_reports_a_folder(tmp_path):
    with pytest.raises(IsADirectoryError):
        load_npz(tmp_path)


def test_mnist_can_be_loaded(mnist_path):
    dataset = load_npz(mnist_path)
    assert as_model_input(dataset.x_test, 4).shape == (10000, 28, 28, 1)
    assert dataset.num_classes == 10


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5))))
def test_uint8_images_are_scaled_and_get_channels(images):
    scaled = as_model_input(images, 4)
    assert scaled.shape == (*images.shape, 1)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled[..., 0] * 255, images, atol=1e-4)


def test_floating_point_images_are_taken_as_they_are():
    images = np.array([[[[3.5, -2.0]]]])
    assert as_model_input(images, 4).tolist() == images.tolist()


def test_images_are_flattened_for_a_dense_network():
    assert as_model_input(np.zeros((2, 28, 28), np.uint8), 2).shape == (2, 784)


@pytest.mark.parametrize("dtype", [np.int32, np.bool_, "<U3"])
def test_images_of_other_types_are_refused(dtype):
    with pytest.raises(InvalidArgumentError, match=r"no agreed scale"):
        as_model_input(np.zeros((2, 3, 3), dtype), 4)


def test_images_of_another_rank_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"do not fit"):
        as_model_input(np.zeros((2, 3), np.uint8), 4)


def test_digits_are_enlarged_and_split_alike_each_time():
    first, second = load_digits(side=24), load_digits(side=24)
    assert first.x_train.shape == (1347, 24, 24, 1)
    assert first.num_classes == 10
    np.testing.assert_array_equal(first.x_test, second.x_test)
    assert first.x_train.min() >= 0.0
    assert first.x_train.max() <= 1.0


def test_digits_of_side_8_are_the_source():
    source = load_digits(side=8)
    assert set(np.unique(source.x_train * 16)) == set(range(17))
    assert np.bincount(source.y_test).min() >= 43
