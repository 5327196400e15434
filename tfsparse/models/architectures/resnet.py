# SPDX-License-Identifier: Apache-2.0
"""ResNet-18, -34 and -50 for ImageNet, and ResNet-18 for images of CIFAR's size."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfsparse.models.architectures.blocks import classifier, conv_bn, conv_bn_relu, image_input, scaled

Shape = tuple[int, int, int]

_REPEATS = {
    "resnet18": (2, 2, 2, 2),
    "resnet18_cifar": (2, 2, 2, 2),
    "resnet34": (3, 4, 6, 3),
    "resnet50": (3, 4, 6, 3),
}
"""Number of blocks in each stage."""


def resnet18(input_shape: Shape = (224, 224, 3), num_classes: int = 1000, *, width: float = 1.0) -> keras.Model:
    """ResNet-18 for ImageNet: blocks of two 3x3 convolutions, 2-2-2-2.

    Convolutions with strides pad by Keras' rule "same", which puts the odd line of padding behind; PyTorch's ResNets
    put one line on either side.

    Args:
        input_shape: Height, width and channels of the images.
        num_classes: Number of outputs (logits), at least 2.
        width: Factor of the numbers of channels, above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: Deep Residual Learning for Image Recognition (He et al., 2015), table 1.

    Example:

    >>> resnet18((64, 64, 3), num_classes=7, width=0.125).output_shape
    (None, 7)
    """
    return _resnet("resnet18", input_shape, num_classes, width, _basic)


def resnet34(input_shape: Shape = (224, 224, 3), num_classes: int = 1000, *, width: float = 1.0) -> keras.Model:
    """ResNet-34 for ImageNet: blocks of two 3x3 convolutions, 3-4-6-3. Arguments and result are those of `resnet18`.

    Reference: Deep Residual Learning for Image Recognition (He et al., 2015), table 1.
    """
    return _resnet("resnet34", input_shape, num_classes, width, _basic)


def resnet50(input_shape: Shape = (224, 224, 3), num_classes: int = 1000, *, width: float = 1.0) -> keras.Model:
    """ResNet-50 for ImageNet: blocks of 1x1, 3x3 and 1x1 convolutions, 3-4-6-3. Arguments and result as `resnet18`.

    Strides are in the 3x3 convolutions, as in PyTorch's model zoo, from which the paper takes its weights; in the first
    publication they are in the 1x1 convolutions before.

    Reference: Deep Residual Learning for Image Recognition (He et al., 2015), table 1.
    """
    return _resnet("resnet50", input_shape, num_classes, width, _bottleneck)


def resnet18_cifar(input_shape: Shape = (32, 32, 3), num_classes: int = 10, *, width: float = 1.0) -> keras.Model:
    """ResNet-18 for small images: a 3x3 convolution at full resolution instead of a 7x7 one and max-pooling.

    Args:
        input_shape: Height, width and channels of the images.
        num_classes: Number of outputs (logits), at least 2.
        width: Factor of the numbers of channels (64, 128, 256, 512), above 0.

    Returns:
        Model from `float32 [N, height, width, channels]` in [0, 1] to logits `[N, num_classes]`.

    Reference: Deep Residual Learning for Image Recognition (He et al., 2015), section 4.2.

    Example:

    >>> resnet18_cifar(width=0.25).count_params()
    703866
    """
    image = image_input(input_shape)
    x = conv_bn_relu(image, scaled(64, width), 3, "stem")
    x = _stages(x, width, _basic, _REPEATS["resnet18_cifar"])
    return keras.Model(image, classifier(x, num_classes), name="resnet18_cifar")


def _resnet(name: str, input_shape: Shape, num_classes: int, width: float, block: Any) -> keras.Model:
    image = image_input(input_shape)
    x = conv_bn_relu(image, scaled(64, width), 7, "stem", strides=2)
    x = layers.MaxPooling2D(3, 2, padding="same", name="stem_pool")(x)
    x = _stages(x, width, block, _REPEATS[name])
    return keras.Model(image, classifier(x, num_classes), name=name)


def _stages(x: Any, width: float, block: Any, repeats: tuple[int, ...]) -> Any:
    for stage, repeat in enumerate(repeats, start=1):
        for number in range(1, repeat + 1):
            strides = 2 if stage > 1 and number == 1 else 1
            x = block(x, scaled(32 * 2**stage, width), strides, f"stage{stage}_block{number}")
    return x


def _basic(x: Any, filters: int, strides: int, name: str) -> Any:
    y = conv_bn_relu(x, filters, 3, f"{name}_conv1", strides)
    y = conv_bn(y, filters, 3, f"{name}_conv2")
    return _joined(x, y, strides, name)


def _bottleneck(x: Any, filters: int, strides: int, name: str) -> Any:
    y = conv_bn_relu(x, filters, 1, f"{name}_conv1")
    y = conv_bn_relu(y, filters, 3, f"{name}_conv2", strides)
    y = conv_bn(y, 4 * filters, 1, f"{name}_conv3")
    return _joined(x, y, strides, name)


def _joined(x: Any, y: Any, strides: int, name: str) -> Any:
    """The sum of a block's branches: its input, projected where the shape changes, and its convolutions."""
    if strides > 1 or x.shape[-1] != y.shape[-1]:
        x = conv_bn(x, y.shape[-1], 1, f"{name}_shortcut", strides)
    return layers.ReLU(name=f"{name}_relu")(layers.Add(name=f"{name}_add")([x, y]))
