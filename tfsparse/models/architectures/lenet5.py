# SPDX-License-Identifier: Apache-2.0
"""LeNet-5, the small network on which dual sparse training compares its regularizers."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfsparse.models.architectures.blocks import image_input, scaled, uniform_fan_in


def lenet5(
    input_shape: tuple[int, int, int] = (28, 28, 1), num_classes: int = 10, *, width: float = 1.0
) -> keras.Model:
    """LeNet-5 with ReLU: conv 5x5x6, conv 5x5x16, unpadded, each max-pooled 2x2, fully connected 256-120-84-classes.

    The paper trains a public PyTorch version of LeNet-5 for 28x28 images, which this is but for the ReLU that follows
    its logits.

    Args:
        input_shape: Height, width (at least 16 each) and channels of the images. 256 is for 28x28.
        num_classes: Number of outputs (logits), at least 2.
        width: Factor of the numbers of channels and hidden neurons, above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: Gradient-Based Learning Applied to Document Recognition (LeCun et al., 1998). Dual sparse training
        framework: inducing activation map sparsity via Transformed l1 regularization (2024), section 4.

    Example:

    >>> lenet5().count_params()
    44426
    """
    weights: Any = {"activation": "relu", "kernel_initializer": uniform_fan_in()}
    return keras.Sequential(
        [
            image_input(input_shape, 16),
            layers.Conv2D(scaled(6, width), 5, name="conv1", **weights),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(scaled(16, width), 5, name="conv2", **weights),
            layers.MaxPooling2D(name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(scaled(120, width), name="fc1", **weights),
            layers.Dense(scaled(84, width), name="fc2", **weights),
            layers.Dense(num_classes, kernel_initializer=uniform_fan_in(), name="logits"),
        ],
        name="lenet5",
    )
