# SPDX-License-Identifier: Apache-2.0
"""A network for small images such as scikit-learn's digits, whose convolutions dominate its running time."""

from __future__ import annotations

import keras
from keras import layers

from tfsparse.models.architectures.blocks import image_input, scaled


def digits_net(
    input_shape: tuple[int, int, int] = (20, 20, 1), num_classes: int = 10, *, width: float = 1.0
) -> keras.Model:
    """Four 3x3 convolutions (32, 96, 128, 128 channels) with ReLU, pooled three times, and a classifier.

    Args:
        input_shape: Height, width (at least 8 each) and channels of the images.
        num_classes: Number of outputs (logits), at least 2.
        width: Factor of the numbers of channels, above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Example:

    >>> digits_net().output_shape
    (None, 10)
    """
    return keras.Sequential(
        [
            image_input(input_shape, 8),
            layers.Conv2D(scaled(32, width), 3, padding="same", activation="relu", name="conv1"),
            layers.Conv2D(scaled(96, width), 3, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(name="pool2"),
            layers.Conv2D(scaled(128, width), 3, padding="same", activation="relu", name="conv3"),
            layers.MaxPooling2D(name="pool3"),
            layers.Conv2D(scaled(128, width), 3, padding="same", activation="relu", name="conv4"),
            layers.MaxPooling2D(name="pool4"),
            layers.Flatten(name="flatten"),
            layers.Dense(num_classes, name="logits"),
        ],
        name="digits_net",
    )
