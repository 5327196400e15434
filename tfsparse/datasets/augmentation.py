# SPDX-License-Identifier: Apache-2.0
"""Random changes of training images that leave their class as it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tfsparse.errors import InvalidArgumentError

_FLIP_SHARE = 0.5


@dataclass(frozen=True)
class Augmentation:
    """Pads each image with zeros, cuts a window out of it at a random place, and mirrors half of the windows.

    Usual are `pad=4, flip=True` for residual networks on CIFAR (the window is as big as the image was) and
    `crop=24, flip=True` for networks that take 24 by 24 pixels of CIFAR's 32 by 32. Digits must not be flipped.

    Args:
        crop: Height and width of the window in pixels, at least 1; `None`: as big as the network's input, or as the
            image where the network takes flat vectors.
        pad: Zeros added on each of the four sides before the window is cut, in pixels, at least 0.
        flip: Whether each window is mirrored, left to right, with probability 1/2.

    Raises:
        InvalidArgumentError: A number is outside its range.

    Example:

    >>> augmentation = Augmentation(crop=24, flip=True)
    >>> augmentation.cropped((32, 32, 3))
    (24, 24, 3)
    >>> images = np.zeros((8, 32, 32, 3), np.uint8)
    >>> augmentation.apply(images, (24, 24), np.random.default_rng(0)).shape
    (8, 24, 24, 3)
    """

    crop: int | None = None
    pad: int = 0
    flip: bool = False

    def __post_init__(self) -> None:
        if self.crop is not None and not _is_integer(self.crop, least=1):
            raise InvalidArgumentError("Invalid `crop`.", expected="an integer, 1 or more, or None", received=self.crop)
        if not _is_integer(self.pad, least=0):
            raise InvalidArgumentError("Invalid `pad`.", expected="an integer, 0 or more", received=self.pad)
        if not isinstance(self.flip, bool):
            raise InvalidArgumentError("Invalid `flip`.", expected="True or False", received=self.flip)

    def cropped(self, sample_shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of a network's input for samples of `sample_shape`: that of the window where `crop` is given.

        Args:
            sample_shape: `(height, width)` or `(height, width, channels)` of one image; of anything else it is returned
                as it is, unless `crop` is given.

        Raises:
            InvalidArgumentError: There is no image to cut a window of, or the padded image is smaller than that.
        """
        if self.crop is None:
            return tuple(sample_shape)
        if len(sample_shape) not in (2, 3):
            raise InvalidArgumentError(
                "Only images can be cropped.", expected="(height, width, channels)", received=f"{sample_shape}"
            )
        self._check_window(sample_shape, (self.crop, self.crop))
        return (self.crop, self.crop, *sample_shape[2:])

    def apply(self, images: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
        """A changed copy of a batch of images.

        Args:
            images: `[samples, height, width]` or `[samples, height, width, channels]` of any type.
            size: Height and width of the window.
            rng: Decides the places and the mirrored images; the same state gives the same copy.

        Raises:
            InvalidArgumentError: The window is larger than the padded images.
        """
        self._check_window(images.shape[1:], size)
        windows = _windows(_padded(images, self.pad), size, rng)
        if self.flip:
            mirrored = rng.random(len(windows)) < _FLIP_SHARE
            windows[mirrored] = windows[mirrored, :, ::-1]
        return windows

    def _check_window(self, sample_shape: tuple[int, ...], size: tuple[int, int]) -> None:
        height, width = (side + 2 * self.pad for side in sample_shape[:2])
        if size[0] > height or size[1] > width:
            raise InvalidArgumentError(
                "The images are smaller than the window to cut out of them.",
                expected=f"at least {size[0]} by {size[1]} pixels",
                received=f"{height} by {width} with {self.pad} padded on each side",
                remedy="Enlarge the images, pad more, or crop less.",
            )


def _is_integer(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _padded(images: np.ndarray, pad: int) -> np.ndarray:
    if not pad:
        return images
    count, height, width, *rest = images.shape
    padded = np.zeros((count, height + 2 * pad, width + 2 * pad, *rest), images.dtype)
    padded[:, pad : pad + height, pad : pad + width] = images
    return padded


def _windows(images: np.ndarray, size: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """A window of each image, at a random place."""
    count, height, width, *rest = images.shape
    tops = rng.integers(0, height - size[0] + 1, count).tolist()
    lefts = rng.integers(0, width - size[1] + 1, count).tolist()
    windows = np.empty((count, *size, *rest), images.dtype)
    # One slice an image copies whole rows: twice as fast as an index array, which looks up every pixel.
    for window, image, top, left in zip(windows, images, tops, lefts, strict=True):
        window[...] = image[top : top + size[0], left : left + size[1]]
    return windows
