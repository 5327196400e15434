# SPDX-License-Identifier: Apache-2.0
"""A network for scikit-learn's digits, wide enough for its convolutions to dominate its running time."""

from __future__ import annotations

import keras
from keras import layers


def digits_net(side: int = 24, num_classes: int = 10) -> keras.Model:
    """Three 3x3 convolutions (32, 128, 128 channels) with ReLU, pooled twice, then the mean of each channel.

    Args:
        side: Height and width of the images, in pixels, at least 8.
        num_classes: Number of outputs (logits), at least 2.

    Returns:
        Model from `float32 [N, side, side, 1]` in [0, 1] to logits `[N, num_classes]`.

    Example:

    >>> digits_net(side=16).output_shape
    (None, 10)
    """
    return keras.Sequential(
        [
            keras.Input((side, side, 1), name="image"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="conv1"),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(128, 3, padding="same", activation="relu", name="conv2"),
            layers.Conv2D(128, 3, padding="same", activation="relu", name="conv3"),
            layers.MaxPooling2D(name="pool3"),
            layers.Conv2D(128, 3, padding="same", activation="relu", name="conv4"),
            layers.GlobalAveragePooling2D(name="mean"),
            layers.Dense(num_classes, name="logits"),
        ],
        name="digits_net",
    )
