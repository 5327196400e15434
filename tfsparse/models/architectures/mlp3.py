# SPDX-License-Identifier: Apache-2.0
"""MLP-3, the fully connected network that DASNet and JPnet use on MNIST."""

from __future__ import annotations

import keras
from keras import layers

from tfsparse.models.architectures.blocks import scaled


def mlp3(
    input_shape: tuple[int, ...] = (28, 28, 1),
    num_classes: int = 10,
    *,
    activation: str = "relu",
    dropout: float = 0.0,
    width: float = 1.0,
) -> keras.Model:
    """MLP-3: fully connected 784-300-100-classes.

    Args:
        input_shape: Shape of a sample; images are flattened. 784 is for 28x28x1.
        num_classes: Number of outputs (logits), at least 2.
        activation: Activation function of the hidden layers by its name in Keras, such as "relu" or "tanh".
        dropout: Share of the hidden neurons that are left out in a training step, in [0, 1).
        width: Factor of the hidden layers' sizes, above 0.

    Returns:
        Model from `float32 [N, *input_shape]` in [0, 1] to logits `[N, num_classes]`.

    Reference: DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement (Yang et al., 2019),
        table I.

    Example:

    >>> mlp3().count_params()
    266610
    """
    net = keras.Sequential([keras.Input(input_shape, name="image"), layers.Flatten(name="flatten")], name="mlp3")
    for number, neurons in enumerate((300, 100), start=1):
        net.add(layers.Dense(scaled(neurons, width), activation=activation, name=f"fc{number}"))
        if dropout:
            net.add(layers.Dropout(dropout, name=f"dropout{number}"))
    net.add(layers.Dense(num_classes, name="logits"))
    return net
