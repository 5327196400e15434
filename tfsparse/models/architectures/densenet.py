# SPDX-License-Identifier: Apache-2.0
"""DenseNet-121 for CIFAR-100, one of the networks of dual sparse training."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfsparse.models.architectures.blocks import batch_norm, bn_relu, classifier, conv, image_input, scaled

_REPEATS = (6, 12, 24, 16)
_GROWTH = 32
_SMALLEST = 8
"""Below this the last of three poolings has nothing left to pool."""


def densenet121(
    input_shape: tuple[int, int, int] = (32, 32, 3), num_classes: int = 100, *, width: float = 1.0
) -> keras.Model:
    """DenseNet-121 for small images: a 3x3 convolution, then dense blocks of 6, 12, 24 and 16 bottlenecks, growth 32.

    The paper takes it from a public collection of PyTorch networks for CIFAR-100, whose layers these are: the stem
    keeps the resolution, and no ReLU is in front of the 1x1 convolutions between the blocks.

    Args:
        input_shape: Height, width (at least 8 each) and channels of the images.
        num_classes: Number of outputs (logits), at least 2.
        width: Factor of the growth rate, and so of all numbers of channels, above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: Densely Connected Convolutional Networks (Huang et al., 2016), table 1. Dual sparse training framework:
        inducing activation map sparsity via Transformed l1 regularization (2024), section 4.
    """
    growth = scaled(_GROWTH, width)
    image = image_input(input_shape, _SMALLEST)
    x = conv(image, 2 * growth, 3, "stem")
    for stage, repeat in enumerate(_REPEATS, start=1):
        for number in range(1, repeat + 1):
            x = _bottleneck(x, growth, f"stage{stage}_block{number}")
        if stage < len(_REPEATS):
            x = _transition(x, f"transition{stage}")
    return keras.Model(image, classifier(bn_relu(x, "last"), num_classes), name="densenet121")


def _bottleneck(x: Any, growth: int, name: str) -> Any:
    """1x1 and 3x3 convolutions, whose feature maps are added to all those before."""
    y = conv(bn_relu(x, f"{name}_conv1"), 4 * growth, 1, f"{name}_conv1")
    y = conv(bn_relu(y, f"{name}_conv2"), growth, 3, f"{name}_conv2")
    return layers.Concatenate(name=f"{name}_join")([x, y])


def _transition(x: Any, name: str) -> Any:
    """Half the feature maps, at half the resolution."""
    x = conv(batch_norm(x, f"{name}_bn"), x.shape[-1] // 2, 1, name)
    return layers.AveragePooling2D(2, name=f"{name}_pool")(x)
