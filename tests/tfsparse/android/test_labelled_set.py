# SPDX-License-Identifier: Apache-2.0
"""Data become what the app takes, and what does not fit the model is refused on the desk."""

from __future__ import annotations

import io

import numpy as np
import pytest

from tests.utils.graph_builder import GraphBuilder
from tfsparse.android.labelled_set import labelled_set
from tfsparse.errors import InvalidArgumentError


def model(folder, *shapes):
    builder = GraphBuilder()
    inputs = [builder.input(shape) for shape in shapes]
    output = builder.tensor(shapes[0])
    builder.relu(inputs[0], output)
    path = folder / "model.tflite"
    path.write_bytes(builder.finish([output]))
    return path


def stored(folder, x, y):
    path = folder / "digits.npz"
    np.savez(path, x_test=x, y_test=y)
    return path


@pytest.mark.parametrize(
    ("images", "input_shape", "name", "shape"),
    [
        (np.zeros((5, 6, 7), np.uint8), [1, 6, 7, 1], "digits.6x7x1.npz", (5, 6, 7, 1)),
        (np.zeros((5, 6, 7), np.float64), [-1, 6, 7, 1], "digits.6x7x1.npz", (5, 6, 7, 1)),
        (np.zeros((5, 6, 7, 1), np.float32), [1, 42], "digits.42.npz", (5, 42)),
    ],
)
def test_samples_take_the_shape_of_the_input(tmp_path, images, input_shape, name, shape):
    images[...] = np.arange(images.size).reshape(images.shape) % 200
    found, content = labelled_set(stored(tmp_path, images, np.arange(5)), model(tmp_path, input_shape))
    assert found == name
    arrays = np.load(io.BytesIO(content))
    assert arrays["x"].shape == shape
    assert arrays["x"].dtype == (np.uint8 if images.dtype == np.uint8 else np.float32)
    np.testing.assert_array_equal(arrays["x"].ravel(), images.ravel())
    assert arrays["y"].dtype == np.int64
    assert arrays["y"].tolist() == [0, 1, 2, 3, 4]


def test_samples_can_be_few_and_the_file_is_always_the_same(tmp_path):
    data = stored(tmp_path, np.ones((5, 4), np.float32), np.arange(5))
    first, second = (labelled_set(data, model(tmp_path, [1, 4]), 3)[1] for _ in range(2))
    assert first == second
    assert np.load(io.BytesIO(first))["y"].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("images", "shapes", "message"),
    [
        (np.zeros((5, 6, 7), np.uint8), [[1, 7, 6, 1]], r"do not fit the input of model.tflite.*\[samples, 7, 6, 1\]"),
        (np.zeros((5, 6), np.int32), [[1, 6]], "no agreed scale"),
        (np.zeros((5, 6), np.float32), [[1, 6], [1, 6]], "one input only"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path, images, shapes, message):
    with pytest.raises(InvalidArgumentError, match=message):
        labelled_set(stored(tmp_path, images, np.zeros(5, int)), model(tmp_path, *shapes))
