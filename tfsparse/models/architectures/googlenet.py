# SPDX-License-Identifier: Apache-2.0
"""GoogLeNet for CIFAR-100, one of the networks of dual sparse training."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfsparse.models.architectures.blocks import classifier, conv_bn_relu, image_input, scaled

_STAGES = {
    3: {"a": (64, 96, 128, 16, 32, 32), "b": (128, 128, 192, 32, 96, 64)},
    4: {
        "a": (192, 96, 208, 16, 48, 64),
        "b": (160, 112, 224, 24, 64, 64),
        "c": (128, 128, 256, 24, 64, 64),
        "d": (112, 144, 288, 32, 64, 64),
        "e": (256, 160, 320, 32, 128, 128),
    },
    5: {"a": (256, 160, 320, 32, 128, 128), "b": (384, 192, 384, 48, 128, 128)},
}
"""Channels by block: 1x1 branch; 3x3 branch, reduced and result; 5x5 branch, reduced and result; pooled branch."""


def googlenet(
    input_shape: tuple[int, int, int] = (32, 32, 3),
    num_classes: int = 100,
    *,
    dropout: float = 0.4,
    width: float = 1.0,
) -> keras.Model:
    """GoogLeNet for small images: three 3x3 convolutions, nine Inception blocks at 16x16, 8x8 and 4x4.

    The paper takes it from a public collection of PyTorch networks for CIFAR-100, whose layers these are: batch
    normalization behind every convolution, two 3x3 convolutions for a 5x5 one, no auxiliary classifiers. Convolutions
    have no bias here, which batch normalization would take away again.

    Args:
        input_shape: Height, width and channels of the images.
        num_classes: Number of outputs (logits), at least 2.
        dropout: Share of the last feature maps' means that are left out in a training step, in [0, 1).
        width: Factor of the numbers of channels, above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: Going Deeper with Convolutions (Szegedy et al., 2014), table 1. Dual sparse training framework: inducing
        activation map sparsity via Transformed l1 regularization (2024), section 4.

    Example:

    >>> googlenet((16, 16, 3), num_classes=5, width=0.1).output_shape
    (None, 5)
    """
    x = image = image_input(input_shape)
    for number, filters in enumerate((64, 64, 192), start=1):
        x = conv_bn_relu(x, scaled(filters, width), 3, f"stem{number}")
    for stage, blocks in _STAGES.items():
        x = layers.MaxPooling2D(3, 2, padding="same", name=f"pool{stage}")(x)
        for block, channels in blocks.items():
            x = _inception(x, [scaled(filters, width) for filters in channels], f"inception{stage}{block}")
    return keras.Model(image, classifier(x, num_classes, dropout), name="googlenet")


def _inception(x: Any, channels: list[int], name: str) -> Any:
    one, three_reduced, three, five_reduced, five, pooled = channels
    branch1 = conv_bn_relu(x, one, 1, f"{name}_1x1")
    branch3 = conv_bn_relu(x, three_reduced, 1, f"{name}_3x3_reduce")
    branch3 = conv_bn_relu(branch3, three, 3, f"{name}_3x3")
    branch5 = conv_bn_relu(x, five_reduced, 1, f"{name}_5x5_reduce")
    branch5 = conv_bn_relu(branch5, five, 3, f"{name}_5x5_first")
    branch5 = conv_bn_relu(branch5, five, 3, f"{name}_5x5_second")
    branch0 = layers.MaxPooling2D(3, 1, padding="same", name=f"{name}_pool")(x)
    branch0 = conv_bn_relu(branch0, pooled, 1, f"{name}_pool_project")
    return layers.Concatenate(name=f"{name}_join")([branch1, branch3, branch5, branch0])
