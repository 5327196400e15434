# SPDX-License-Identifier: Apache-2.0
"""The one rule by which stored images become the input of a network."""

from __future__ import annotations

import numpy as np

from tfsparse.errors import InvalidArgumentError


def as_model_input(images: np.ndarray, rank: int) -> np.ndarray:
    """Scales integer images to [0, 1] and adds the channel axis that grey images often lack.

    Arrays of `uint8` are divided by 255; floating-point arrays are taken as they are, cast to `float32`. One axis of
    size 1 is added at the end if that gives the wanted rank; `rank=2` flattens each sample.

    Args:
        images: Array `[samples, ...]` of `uint8` or a floating-point type.
        rank: Number of axes of the network's input, batch axis included; at least 2.

    Returns:
        `float32` array of that rank.

    Raises:
        InvalidArgumentError: The type is neither `uint8` nor floating point, or the rank cannot be reached.

    Example:

    >>> as_model_input(np.full((2, 28, 28), 255, np.uint8), rank=4).shape
    (2, 28, 28, 1)
    """
    if images.dtype == np.uint8:
        images = images.astype(np.float32) / np.float32(255)
    elif np.issubdtype(images.dtype, np.floating):
        images = images.astype(np.float32, copy=False)
    else:
        raise InvalidArgumentError(
            "The images are of a type that has no agreed scale.",
            expected="uint8 (scaled to [0, 1]) or a floating-point type (taken as it is)",
            received=str(images.dtype),
        )
    if images.ndim == rank - 1:
        return images[..., np.newaxis]
    if rank == 2 and images.ndim > 2:
        return images.reshape(len(images), -1)
    if images.ndim != rank:
        raise InvalidArgumentError(
            "The images do not fit the model's input.",
            expected=f"an array of {rank} axes (or {rank - 1}, without the channels)",
            received=f"shape {images.shape}",
        )
    return images
