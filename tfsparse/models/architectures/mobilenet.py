# SPDX-License-Identifier: Apache-2.0
"""MobileNet-v1, which DASNet uses on ImageNet and on house numbers."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfsparse.models.architectures.blocks import (
    bn_relu,
    classifier,
    conv_bn_relu,
    he_normal_fan_out,
    image_input,
    scaled,
)

_BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1))
"""Channels and strides of the blocks."""


def mobilenet_v1(
    input_shape: tuple[int, int, int] = (224, 224, 3), num_classes: int = 1000, *, width: float = 1.0
) -> keras.Model:
    """MobileNet-v1: a 3x3 convolution and 13 blocks of a depthwise 3x3 and a pointwise convolution, with ReLU.

    DASNet's table II counts 610.4M MACs for ImageNet and 11.9M for the house numbers of SVHN. As published there are
    568.7M at 224x224, and 11.6M at 32x32 with 10 classes and all strides, the size and width that come closest to the
    11.9M; no size gives both numbers of the table.

    Args:
        input_shape: Height, width and channels of the images.
        num_classes: Number of outputs (logits), at least 2.
        width: Factor of the numbers of channels, above 0; published ones are 1, 0.75, 0.5 and 0.25.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications (Howard et al., 2017),
        table 1. DASNet (Yang et al., 2019), table II.

    Example:

    >>> mobilenet_v1((32, 32, 3), num_classes=10, width=0.25).count_params()
    221114
    """
    image = image_input(input_shape)
    x = conv_bn_relu(image, scaled(32, width), 3, "conv1", strides=2)
    for number, (filters, strides) in enumerate(_BLOCKS, start=1):
        x = _depthwise(x, f"block{number}_depthwise", strides)
        x = conv_bn_relu(x, scaled(filters, width), 1, f"block{number}_pointwise")
    return keras.Model(image, classifier(x, num_classes), name="mobilenet_v1")


def _depthwise(x: Any, name: str, strides: int) -> Any:
    x = layers.DepthwiseConv2D(
        3, strides, padding="same", use_bias=False, depthwise_initializer=he_normal_fan_out(), name=name
    )(x)
    return bn_relu(x, name)
