# SPDX-License-Identifier: Apache-2.0
"""ConvNet-5, the network that DASNet and JPnet use on CIFAR-10."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers
from keras.initializers import Constant, TruncatedNormal

from tfsparse.models.architectures.blocks import image_input, scaled

_SCALE, _OFFSET = 4.0, -2.0
"""Natural images in [0, 1] have a mean of about 0.5 and a standard deviation of about 0.25."""


def convnet5(
    input_shape: tuple[int, int, int] = (24, 24, 3),
    num_classes: int = 10,
    *,
    activation: str = "relu",
    dropout: float = 0.0,
    width: float = 1.0,
) -> keras.Model:
    """ConvNet-5: conv 5x5x64, conv 5x5x64, each max-pooled 3x3 by steps of 2, fully connected 2304-384-192-classes.

    The paper's table I has the layers; 2304 = 6 * 6 * 64 makes the input a 24x24 crop of the 32x32 images. Sizes, crop
    and accuracy are those of TensorFlow's CIFAR-10 tutorial, where pooling and initial weights come from. Its local
    response normalization is left out, as in table I; instead of normalizing each image, the model centres its input.

    Args:
        input_shape: Height, width and channels of the images.
        num_classes: Number of outputs (logits), at least 2.
        activation: Activation function of the hidden layers by its name in Keras, such as "relu" or "tanh".
        dropout: Share of the neurons of both hidden fully connected layers that are left out in a training step, in
            [0, 1).
        width: Factor of the numbers of channels and hidden neurons, above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement (Yang et al., 2019),
        table I.

    Example:

    >>> convnet5().count_params()
    1068298
    """
    net = keras.Sequential(
        [image_input(input_shape), layers.Rescaling(_SCALE, _OFFSET, name="centre")], name="convnet5"
    )
    for number, bias in enumerate((0.0, 0.1), start=1):
        weights = _weights(0.05, bias) | {"activation": activation}
        net.add(layers.Conv2D(scaled(64, width), 5, padding="same", name=f"conv{number}", **weights))
        net.add(layers.MaxPooling2D(3, 2, padding="same", name=f"pool{number}"))
    net.add(layers.Flatten(name="flatten"))
    for number, neurons in enumerate((384, 192), start=1):
        net.add(layers.Dense(scaled(neurons, width), activation=activation, name=f"fc{number}", **_weights(0.04, 0.1)))
        if dropout:
            net.add(layers.Dropout(dropout, name=f"dropout{number}"))
    net.add(layers.Dense(num_classes, name="logits", **_weights(1 / 192, 0.0)))
    return net


def _weights(deviation: float, bias: float) -> dict[str, Any]:
    return {"kernel_initializer": TruncatedNormal(0.0, deviation), "bias_initializer": Constant(bias)}
