# SPDX-License-Identifier: Apache-2.0
"""Stored samples as the input of one network: cut to its size, scaled, and checked against its shape."""

from __future__ import annotations

import numpy as np

from tfsparse.datasets.images import as_model_input
from tfsparse.errors import InvalidArgumentError

_IMAGE_AXES = (2, 3)
"""Axes of an image: height and width, and channels where it has them."""


def evaluation_inputs(x: np.ndarray, input_shape: tuple[int, ...]) -> np.ndarray:
    """Samples to validate, test or calibrate on: the centre of each image, scaled by the rule of `as_model_input`.

    Args:
        x: Samples `[samples, ...]` of `uint8` (scaled to [0, 1]) or a floating-point type (taken as they are). Images
            that are read when asked for are all read: ask for a slice of them, or use `EvaluationBatches`.
        input_shape: Shape of the network's input without the batch axis.

    Returns:
        `float32` array `[samples, *input_shape]`.

    Raises:
        InvalidArgumentError: The samples do not fit the input, or are of a type without an agreed scale.

    Example:

    >>> evaluation_inputs(np.zeros((2, 32, 32, 3), np.uint8), (24, 24, 3)).shape
    (2, 24, 24, 3)
    >>> evaluation_inputs(np.zeros((2, 28, 28), np.uint8), (784,)).shape
    (2, 784)
    """
    samples = x[:]
    size = window_size(samples.shape[1:], input_shape)
    if size is not None and size != samples.shape[1:3]:
        top, left = ((have - want) // 2 for have, want in zip(samples.shape[1:3], size, strict=True))
        samples = samples[:, top : top + size[0], left : left + size[1]]
    return as_model_input(samples, len(input_shape) + 1)


def window_size(sample_shape: tuple[int, ...], input_shape: tuple[int, ...], pad: int = 0) -> tuple[int, int] | None:
    """Height and width of the part of each image that the network gets; `None` for samples that are no images.

    Args:
        sample_shape: Shape of one stored sample.
        input_shape: Shape of the network's input without the batch axis.
        pad: Pixels that are added to each side of an image before the part is cut out.

    Raises:
        InvalidArgumentError: No part of the samples fits the input.

    Example:

    >>> window_size((32, 32, 3), (24, 24, 3))
    (24, 24)
    """
    is_image = len(sample_shape) in _IMAGE_AXES
    flat = len(input_shape) == 1
    if is_image and flat and np.prod(sample_shape) == input_shape[0]:
        return (sample_shape[0], sample_shape[1])
    if is_image and len(input_shape) == 3 and (*sample_shape[2:], 1)[0] == input_shape[2]:
        size = (input_shape[0], input_shape[1])
        if all(want <= have + 2 * pad for want, have in zip(size, sample_shape, strict=False)):
            return size
    if not is_image and tuple(sample_shape) == tuple(input_shape):
        return None
    raise InvalidArgumentError(
        "The samples do not fit the network's input.",
        expected=f"samples of shape {tuple(input_shape)}, or larger images to cut it out of",
        received=f"samples of shape {tuple(sample_shape)}",
        remedy="Build the network for the shape of the samples, or resize the images.",
    )
