# SPDX-License-Identifier: Apache-2.0
"""AlexNet in its two towers, which DASNet uses on ImageNet and on traffic signs."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers
from keras.initializers import Constant, RandomNormal

from tfsparse.models.architectures.blocks import image_input, scaled

_SMALLEST = 57
"""Below this the last pooling has nothing left to pool."""

_LEVELS, _MEAN = 255.0, -118.0
"""The published weights start small enough for pixels from 0 to 255 with their mean taken off."""


def alexnet(
    input_shape: tuple[int, int, int] = (227, 227, 3),
    num_classes: int = 1000,
    *,
    dropout: float = 0.5,
    width: float = 1.0,
) -> keras.Model:
    """AlexNet: five convolutions in two towers that meet in the third, and three fully connected layers.

    The towers are convolutions "conv2a" and "conv2b" and so on, one for each of the two groups of channels, so that
    each can be masked. Local response normalization is left out. DASNet's table II counts 748.1M MACs for ImageNet and
    724.3M for the 43 traffic signs of GTSRB. As published (conv1 unpadded on 227x227, so 55x55) there are 724.4M and
    720.5M. The reading that comes closest to both pads conv1 by the rule "same": 749.1M at 227x227 and 724.4M at
    224x224 with 43 classes. This is what is built here.

    Args:
        input_shape: Height, width (at least 57 each) and channels of the images.
        num_classes: Number of outputs (logits), at least 2.
        dropout: Share of the neurons of both hidden fully connected layers that are left out in a training step, in
            [0, 1).
        width: Factor of the numbers of channels and hidden neurons, above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: ImageNet Classification with Deep Convolutional Neural Networks (Krizhevsky et al., 2012). DASNet (Yang
        et al., 2019), tables II and III.

    Example:

    >>> alexnet((64, 64, 3), num_classes=43, width=0.1).output_shape
    (None, 43)
    """
    image = image_input(input_shape, _SMALLEST)
    x = layers.Rescaling(_LEVELS, _MEAN, name="centre")(image)
    towers = _conv([x, x], 1, scaled(48, width), 11, bias=0.0, strides=4)
    towers = _conv(_pool(towers, 1), 2, scaled(128, width), 5, bias=1.0)
    x = layers.Concatenate(name="towers2")(_pool(towers, 2))
    towers = _conv([x, x], 3, scaled(192, width), 3, bias=0.0)
    towers = _conv(towers, 4, scaled(192, width), 3, bias=1.0)
    towers = _conv(towers, 5, scaled(128, width), 3, bias=1.0)
    x = layers.Concatenate(name="towers5")(_pool(towers, 5))
    x = layers.Flatten(name="flatten")(x)
    for number in (6, 7):
        x = layers.Dense(scaled(4096, width), activation="relu", name=f"fc{number}", **_weights(1.0))(x)
        if dropout:
            x = layers.Dropout(dropout, name=f"dropout{number}")(x)
    return keras.Model(image, layers.Dense(num_classes, name="logits", **_weights(0.0))(x), name="alexnet")


def _conv(towers: list[Any], number: int, filters: int, size: int, *, bias: float, strides: int = 1) -> list[Any]:
    return [
        layers.Conv2D(
            filters, size, strides, padding="same", activation="relu", name=f"conv{number}{tower}", **_weights(bias)
        )(x)
        for tower, x in zip("ab", towers, strict=True)
    ]


def _pool(towers: list[Any], number: int) -> list[Any]:
    return [layers.MaxPooling2D(3, 2, name=f"pool{number}{tower}")(x) for tower, x in zip("ab", towers, strict=True)]


def _weights(bias: float) -> dict[str, Any]:
    return {"kernel_initializer": RandomNormal(0.0, 0.01), "bias_initializer": Constant(bias)}
