# SPDX-License-Identifier: Apache-2.0
"""LeNet-4, the convolutional network that DASNet uses on MNIST."""

from __future__ import annotations

import keras
from keras import layers


def lenet4(input_shape: tuple[int, int, int] = (28, 28, 1), num_classes: int = 10) -> keras.Model:
    """LeNet-4: conv 5x5x32, conv 5x5x64, each with ReLU and 2x2 max-pooling, fully connected 3136-1024-classes.

    Args:
        input_shape: Height, width (at least 4 each) and channels of the images. 3136 is for 28x28.
        num_classes: Number of outputs (logits), at least 2.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement (Yang et al., 2019).

    Example:

    >>> lenet4().count_params()
    3274634
    """
    return keras.Sequential(
        [
            keras.Input(input_shape, name="image"),
            layers.Conv2D(32, 5, padding="same", activation="relu", name="conv1"),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(64, 5, padding="same", activation="relu", name="conv2"),
            layers.MaxPooling2D(name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(1024, activation="relu", name="fc1"),
            layers.Dense(num_classes, name="logits"),
        ],
        name="lenet4",
    )
