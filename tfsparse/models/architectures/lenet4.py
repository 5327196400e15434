# SPDX-License-Identifier: Apache-2.0
"""LeNet-4, the convolutional network that DASNet and JPnet use on MNIST."""

from __future__ import annotations

import keras
from keras import layers

from tfsparse.models.architectures.blocks import image_input, scaled


def lenet4(
    input_shape: tuple[int, int, int] = (28, 28, 1),
    num_classes: int = 10,
    *,
    activation: str = "relu",
    dropout: float = 0.0,
    width: float = 1.0,
) -> keras.Model:
    """LeNet-4: conv 5x5x32, conv 5x5x64, each with ReLU and 2x2 max-pooling, fully connected 3136-1024-classes.

    Args:
        input_shape: Height, width (at least 4 each) and channels of the images. 3136 is for 28x28.
        num_classes: Number of outputs (logits), at least 2.
        activation: Activation function of the hidden layers by its name in Keras, such as "relu" or "tanh".
        dropout: Share of the 1024 neurons that are left out in a training step, in [0, 1).
        width: Factor of the numbers of channels and hidden neurons, above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement (Yang et al., 2019),
        table I.

    Example:

    >>> lenet4().count_params()
    3274634
    """
    net = keras.Sequential(
        [
            image_input(input_shape, 4),
            layers.Conv2D(scaled(32, width), 5, padding="same", activation=activation, name="conv1"),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(scaled(64, width), 5, padding="same", activation=activation, name="conv2"),
            layers.MaxPooling2D(name="pool2"),
            layers.Flatten(name="flatten"),
            layers.Dense(scaled(1024, width), activation=activation, name="fc1"),
        ],
        name="lenet4",
    )
    if dropout:
        net.add(layers.Dropout(dropout, name="dropout"))
    net.add(layers.Dense(num_classes, name="logits"))
    return net
