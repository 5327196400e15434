# SPDX-License-Identifier: Apache-2.0
"""`load_dataset`: which source is which, and what it says of those that are none."""

from __future__ import annotations

import numpy as np
import pytest

from tests.utils.images import encoded
from tfsparse.datasets import load_dataset
from tfsparse.datasets.hints import HINTS, hint_for
from tfsparse.errors import InvalidArgumentError


@pytest.fixture
def npz(tmp_path):
    def write(**changes):
        arrays = {
            "x_train": np.zeros((4, 3, 3), np.uint8),
            "y_train": np.arange(4),
            "x_test": np.ones((2, 3, 3), np.uint8),
            "y_test": np.array([0, 3]),
        }
        np.savez(tmp_path / "data.npz", **(arrays | changes))
        return tmp_path / "data.npz"

    return write


def test_without_a_source_there_are_digits():
    assert load_dataset().num_classes == 10


def test_npz_files_are_read(npz):
    assert load_dataset(str(npz())).y_train.tolist() == [0, 1, 2, 3]


def test_a_file_comes_before_a_name_of_keras(npz, monkeypatch):
    path = npz()
    path.rename(path.with_name("mnist"))
    monkeypatch.chdir(path.parent)
    assert load_dataset("mnist").x_test.shape == (2, 3, 3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_test": np.ones((2, 4, 3), np.uint8)}, r"differ in shape.*\(3, 3\) and \(4, 3\)"),
        ({"x_train": np.zeros((4, 3, 3), np.int64)}, r"x_train is of a type that has no agreed scale.*int64"),
        ({"x_train": np.zeros((4, 3, 3), "<U3")}, r"no agreed scale"),
        ({"x_test": np.full((2, 3, 3), np.nan)}, r"x_test holds NaN or infinity.*2 such samples, the first at index 0"),
        ({"y_train": np.array([0, 1, 2, 2**40])}, r"y_train does not label x_train.*to 1099511627776"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(npz, changes, message):
    with pytest.raises(InvalidArgumentError, match=message):
        load_dataset(npz(**changes))


@pytest.mark.parametrize("name", sorted(HINTS))
def test_a_missing_data_set_of_the_papers_is_pointed_to(tmp_path, name):
    with pytest.raises(InvalidArgumentError, match="There is no data set at") as caught:
        load_dataset(tmp_path / f"{name}.npz")
    assert HINTS[name].page in str(caught.value)
    assert HINTS[name].title in str(caught.value)


@pytest.mark.parametrize(
    ("source", "title"),
    [("fashion-mnist.npz", "Fashion-MNIST"), ("x/CIFAR_100", "CIFAR-100"), ("cifar10/a", "CIFAR-10"), ("own", None)],
)
def test_hints_go_by_the_longest_name(source, title):
    hint = hint_for(source)
    assert (hint and hint.title) == title


def test_an_unknown_source_is_told_what_there_is(tmp_path):
    with pytest.raises(InvalidArgumentError, match=r"an \.npz file, a folder with train/.*cifar100\.$"):
        load_dataset(tmp_path / "nowhere")


def test_options_that_do_not_apply_are_refused(npz):
    for options in ({"image_size": 24}, {"in_memory": False}):
        with pytest.raises(InvalidArgumentError, match=f"`{next(iter(options))}` is for folders of images"):
            load_dataset(npz(), **options)
    with pytest.raises(InvalidArgumentError, match=r"Only Keras' own data sets can be downloaded"):
        load_dataset(npz(), download=True)
    with pytest.raises(InvalidArgumentError, match=r"can be downloaded.*Received: None"):
        load_dataset(download=True)


def test_a_data_set_knows_how_it_was_loaded(npz, monkeypatch):
    assert load_dataset().origin == {"source": None}
    path = npz()
    monkeypatch.chdir(path.parent)
    assert load_dataset("data.npz").origin == {"source": str(path)}
    for part in ("train", "test"):
        (path.parent / part / "rose").mkdir(parents=True)
        (path.parent / part / "rose" / "1.png").write_bytes(encoded(np.zeros((5, 5, 3), np.uint8), "png"))
    again = load_dataset(path.parent, image_size=4).origin
    assert again == {"source": str(path.parent), "image_size": [4, 4]}
    assert load_dataset(**again).x_train.shape == (1, 4, 4, 3)
