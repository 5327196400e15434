# SPDX-License-Identifier: Apache-2.0
"""What several architectures are made of: convolutions with batch normalization, and the usual initial weights."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import layers

from tfsparse.errors import InvalidArgumentError


def image_input(input_shape: tuple[int, int, int], smallest: int = 1) -> Any:
    """The model's input, "image".

    Args:
        input_shape: Height, width and channels.
        smallest: Least height and width at which no feature map is empty.

    Raises:
        InvalidArgumentError: That is no shape of an image, or it is too small.
    """
    shape = tuple(input_shape)
    sizes = all(isinstance(size, int) and size >= 1 for size in shape)
    if len(shape) != 3 or not sizes or min(shape[:2]) < smallest:
        raise InvalidArgumentError(
            "Invalid `input_shape`.",
            expected=f"(height, width, channels), integers, height and width {smallest} or more",
            received=shape,
        )
    return keras.Input(shape, name="image")


def scaled(channels: int, width: float) -> int:
    """Number of channels at a width multiplier; at least 1.

    Raises:
        InvalidArgumentError: `width` is not above 0.

    Example:

    >>> scaled(64, 0.25)
    16
    """
    if not 0 < width < math.inf:
        raise InvalidArgumentError("Invalid `width`.", expected="a factor above 0", received=width)
    return max(1, round(channels * width))


def he_normal_fan_out() -> keras.initializers.Initializer:
    """He et al.'s weights for ReLU, their variance kept on the way back: the usual ones of convolutions in ResNets."""
    return keras.initializers.VarianceScaling(2.0, "fan_out", "untruncated_normal")


def uniform_fan_in() -> keras.initializers.Initializer:
    """Uniform weights in ±1/sqrt(inputs): what PyTorch gives a layer if nothing else is said."""
    return keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")


def batch_norm(x: Any, name: str) -> Any:
    """Batch normalization with the constants of the published ResNets (epsilon 1e-5, running means over 10 batches)."""
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name)(x)


def conv(x: Any, filters: int, size: int, name: str, strides: int = 1) -> Any:
    """Convolution without bias, for batch normalization to follow; padded at the edges ("same")."""
    return layers.Conv2D(
        filters,
        size,
        strides,
        padding="same",
        use_bias=False,
        kernel_initializer=he_normal_fan_out(),
        name=name,
    )(x)


def conv_bn(x: Any, filters: int, size: int, name: str, strides: int = 1) -> Any:
    """Convolution and batch normalization: layers `name` and `name_bn`."""
    return batch_norm(conv(x, filters, size, name, strides), f"{name}_bn")


def conv_bn_relu(x: Any, filters: int, size: int, name: str, strides: int = 1) -> Any:
    """Convolution, batch normalization and ReLU: layers `name`, `name_bn` and `name_relu`."""
    return layers.ReLU(name=f"{name}_relu")(conv_bn(x, filters, size, name, strides))


def bn_relu(x: Any, name: str) -> Any:
    """Batch normalization and ReLU in front of a convolution `name`: layers `name_bn` and `name_relu`."""
    return layers.ReLU(name=f"{name}_relu")(batch_norm(x, f"{name}_bn"))


def classifier(x: Any, num_classes: int, dropout: float = 0.0) -> Any:
    """Mean of each feature map, dropout if there is any, then one fully connected layer to logits."""
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    return layers.Dense(num_classes, kernel_initializer=uniform_fan_in(), name="logits")(x)
