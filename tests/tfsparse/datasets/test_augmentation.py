# SPDX-License-Identifier: Apache-2.0
"""Augmentation: windows lie inside the padded image, halves are mirrored, nothing else changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfsparse.datasets import Augmentation
from tfsparse.errors import InvalidArgumentError


def numbered(count, height, width):
    """Images whose pixels are all different and none zero."""
    return np.arange(1, 1 + count * height * width, dtype=np.int32).reshape(count, height, width)


def is_part(window, image):
    """Whether the window is a rectangle of the image, not mirrored."""
    rows, columns = np.nonzero(image == window[0, 0])
    top, left = rows[0], columns[0]
    return np.array_equal(image[top : top + window.shape[0], left : left + window.shape[1]], window)


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_windows_lie_inside_the_image(height, width, data):
    size = data.draw(st.integers(1, height)), data.draw(st.integers(1, width))
    images = numbered(5, height, width)
    windows = Augmentation().apply(images, size, np.random.default_rng(data.draw(st.integers(0, 9))))
    assert windows.shape == (5, *size)
    assert all(is_part(window, image) for window, image in zip(windows, images, strict=True))


def test_every_place_is_cut_sooner_or_later():
    images = np.repeat(numbered(1, 3, 3), 300, axis=0)
    windows = Augmentation().apply(images, (1, 1), np.random.default_rng(0))
    assert set(windows.ravel()) == set(range(1, 10))


@given(st.integers(0, 3), st.integers(0, 5))
def test_padding_shifts_the_image_by_at_most_the_pad(pad, seed):
    images = numbered(20, 4, 4)
    windows = Augmentation(pad=pad).apply(images, (4, 4), np.random.default_rng(seed))
    for window, image in zip(windows, images, strict=True):
        rows, columns = np.nonzero(window)
        assert len(rows) >= (4 - pad) ** 2
        assert is_part(window[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1], image)


@pytest.mark.parametrize("shape", [(200, 3, 4), (200, 3, 4, 3)])
def test_half_of_the_images_are_mirrored_and_twice_gives_the_source(shape):
    images = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    flip = Augmentation(flip=True)
    once = flip.apply(images, (3, 4), np.random.default_rng(1))
    mirrored = np.array([not np.array_equal(new, old) for new, old in zip(once, images, strict=True)])
    assert 70 < mirrored.sum() < 130
    np.testing.assert_array_equal(once[mirrored], images[mirrored, :, ::-1])
    np.testing.assert_array_equal(flip.apply(once, (3, 4), np.random.default_rng(1)), images)


def test_the_source_stays_as_it_was():
    images = numbered(50, 3, 3)
    before = images.copy()
    Augmentation(flip=True).apply(images, (3, 3), np.random.default_rng(0))
    np.testing.assert_array_equal(images, before)


def test_crop_tells_the_shape_of_the_networks_input():
    assert Augmentation(crop=24).cropped((32, 32, 3)) == (24, 24, 3)
    assert Augmentation(crop=24, pad=2).cropped((20, 20)) == (24, 24)
    assert Augmentation(pad=4).cropped((32, 32, 3)) == (32, 32, 3)


@pytest.mark.parametrize(
    "changes", [{"crop": 0}, {"crop": 2.5}, {"crop": True}, {"pad": -1}, {"pad": None}, {"flip": 1}]
)
def test_impossible_settings_are_refused(changes):
    with pytest.raises(InvalidArgumentError, match=f"Invalid `{next(iter(changes))}`"):
        Augmentation(**changes)


def test_windows_larger_than_the_image_are_refused():
    with pytest.raises(InvalidArgumentError, match=r"at least 24 by 24 pixels.*20 by 20 with 0 padded"):
        Augmentation(crop=24).cropped((20, 20, 3))
    with pytest.raises(InvalidArgumentError, match=r"smaller than the window"):
        Augmentation(pad=1).apply(numbered(1, 4, 4), (7, 4), np.random.default_rng(0))


def test_flat_samples_cannot_be_cropped():
    with pytest.raises(InvalidArgumentError, match=r"Only images can be cropped"):
        Augmentation(crop=4).cropped((784,))
