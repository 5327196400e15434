# SPDX-License-Identifier: Apache-2.0
"""ResNet-164 and its kin for CIFAR: bottlenecks with batch normalization and ReLU in front of each convolution."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfsparse.errors import InvalidArgumentError
from tfsparse.models.architectures.blocks import bn_relu, classifier, conv, image_input, scaled

Shape = tuple[int, int, int]


def resnet164(
    input_shape: Shape = (32, 32, 3), num_classes: int = 10, *, depth: int = 164, width: float = 1.0
) -> keras.Model:
    """ResNet-164 for CIFAR, or one of another depth: `(depth - 2) / 9` bottlenecks at each of three resolutions.

    DASNet's table II counts 384.5M MACs. As published there are 247.6M at 32x32 with the strides in the 3x3
    convolutions, as here, or 244.5M with them in the 1x1 ones before. Images of 40x40, the padded ones of which crops
    are taken, would come closest to the table (386.9M and 382.0M); its accuracy is that of the publication at 32x32.

    Args:
        input_shape: Height, width and channels of the images.
        num_classes: Number of outputs (logits), at least 2.
        depth: Number of layers in a row that have weights: 9n + 2, such as 29, 56, 110 or 164.
        width: Factor of the numbers of channels, above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`, named after its depth.

    Raises:
        InvalidArgumentError: `depth` is no such number.

    Reference: Identity Mappings in Deep Residual Networks (He et al., 2016), table 3 and appendix. DASNet (Yang et al.,
        2019), table II.

    Example:

    >>> resnet164(depth=11, width=0.5).name
    'resnet11'
    """
    if not isinstance(depth, int) or depth < 11 or (depth - 2) % 9:
        raise InvalidArgumentError("Invalid `depth`.", expected="9n + 2, such as 56 or 164", received=depth)
    image = image_input(input_shape)
    x = conv(image, scaled(16, width), 3, "stem")
    for stage in (1, 2, 3):
        for number in range(1, (depth - 2) // 9 + 1):
            strides = 2 if stage > 1 and number == 1 else 1
            x = _bottleneck(x, scaled(8 * 2**stage, width), strides, f"stage{stage}_block{number}")
    return keras.Model(image, classifier(bn_relu(x, "last"), num_classes), name=f"resnet{depth}")


def resnet56(input_shape: Shape = (32, 32, 3), num_classes: int = 10, *, width: float = 1.0) -> keras.Model:
    """`resnet164` of depth 56: 54 layers in 18 bottlenecks, a third of ResNet-164. Arguments and result are the same.

    Reference: Identity Mappings in Deep Residual Networks (He et al., 2016).
    """
    return resnet164(input_shape, num_classes, depth=56, width=width)


def _bottleneck(x: Any, filters: int, strides: int, name: str) -> Any:
    """1x1, 3x3 and 1x1 convolutions; where the shape changes, the shortcut projects what is already activated."""
    y = bn_relu(x, f"{name}_conv1")
    if x.shape[-1] != 4 * filters or strides > 1:
        x = conv(y, 4 * filters, 1, f"{name}_shortcut", strides)
    y = conv(y, filters, 1, f"{name}_conv1")
    y = conv(bn_relu(y, f"{name}_conv2"), filters, 3, f"{name}_conv2", strides)
    y = conv(bn_relu(y, f"{name}_conv3"), 4 * filters, 1, f"{name}_conv3")
    return layers.Add(name=f"{name}_add")([x, y])
