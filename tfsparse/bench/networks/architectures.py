# SPDX-License-Identifier: Apache-2.0
"""AlexNet, VGG-16, ResNet-18 and MobileNet-v1: each a function of its layers and the image.

Every architecture takes `width`, by which its numbers of channels are multiplied, so that tests can have a small one.
Batch normalization is folded into the weights, as a converter does; local response normalization and dropout are left
out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tfsparse.bench.networks.layers import Layers, T

CLASSES = 1000


@dataclass(frozen=True)
class Architecture:
    """A network without weights.

    Attributes:
        name: Its name.
        image_size: Height and width of the image that it is usually run on.
        build: Applies it to an image.
        first: The layer that sees the image, and so is dense always.
    """

    name: str
    image_size: int
    build: Callable[..., Any]
    first: str


def alexnet(net: Layers[T], image: T, width: float = 1.0) -> T:
    """AlexNet (Krizhevsky et al., 2012) in one tower: conv2, conv4 and conv5 have no groups, hence twice the MACs."""
    x = net.conv2d("conv1", image, _channels(96, width), 11, stride=4, padding="valid")
    x = net.max_pool(x, 3, 2, padding="valid")
    x = net.conv2d("conv2", x, _channels(256, width), 5)
    x = net.max_pool(x, 3, 2, padding="valid")
    x = net.conv2d("conv3", x, _channels(384, width), 3)
    x = net.conv2d("conv4", x, _channels(384, width), 3)
    x = net.conv2d("conv5", x, _channels(256, width), 3)
    x = net.flatten(net.max_pool(x, 3, 2, padding="valid"))
    return _classify(net, x, _channels(4096, width))


def vgg16(net: Layers[T], image: T, width: float = 1.0) -> T:
    """VGG-16 (Simonyan & Zisserman, 2014), configuration D."""
    x = image
    for block, (repeats, channels) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], start=1):
        for repeat in range(1, repeats + 1):
            x = net.conv2d(f"conv{block}_{repeat}", x, _channels(channels, width), 3)
        x = net.max_pool(x, 2, 2)
    return _classify(net, net.flatten(x), _channels(4096, width))


def resnet18(net: Layers[T], image: T, width: float = 1.0) -> T:
    """ResNet-18 (He et al., 2015), with projections where the shape changes."""
    x = net.conv2d("conv1", image, _channels(64, width), 7, stride=2)
    x = net.max_pool(x, 3, 2)
    for stage, channels in enumerate([64, 128, 256, 512], start=1):
        for block in (1, 2):
            name, outputs = f"stage{stage}_block{block}", _channels(channels, width)
            stride = 2 if block == 1 and stage > 1 else 1
            y = net.conv2d(f"{name}_conv1", x, outputs, 3, stride)
            y = net.conv2d(f"{name}_conv2", y, outputs, 3, activation="none")
            if stride > 1:
                x = net.conv2d(f"{name}_shortcut", x, outputs, 1, stride, activation="none")
            x = net.add(x, y)
    return net.fully_connected("fc", net.spatial_mean(x), CLASSES, activation="none")


def mobilenet_v1(net: Layers[T], image: T, width: float = 1.0) -> T:
    """MobileNet-v1 (Howard et al., 2017)."""
    blocks = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    x = net.conv2d("conv1", image, _channels(32, width), 3, stride=2, activation="relu6")
    for block, (channels, stride) in enumerate(blocks, start=1):
        x = net.separable_conv2d(f"block{block}", x, _channels(channels, width), 3, stride, activation="relu6")
    return net.fully_connected("fc", net.spatial_mean(x), CLASSES, activation="none")


def _classify(net: Layers[T], x: T, neurons: int) -> T:
    x = net.fully_connected("fc6", x, neurons)
    x = net.fully_connected("fc7", x, neurons)
    return net.fully_connected("fc8", x, CLASSES, activation="none")


def _channels(channels: int, width: float) -> int:
    return max(1, round(channels * width))


ALEXNET = Architecture("alexnet", 227, alexnet, "conv1")
VGG16 = Architecture("vgg16", 224, vgg16, "conv1_1")
RESNET18 = Architecture("resnet18", 224, resnet18, "conv1")
MOBILENET_V1 = Architecture("mobilenet_v1", 224, mobilenet_v1, "conv1")
