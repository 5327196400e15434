# SPDX-License-Identifier: Apache-2.0
"""Models of one layer each: the dense one, and its twin that computes the winners alone."""

from __future__ import annotations

import csv
import functools
import importlib.resources
import math
from dataclasses import dataclass

import numpy as np

from tfsparse.bench.models import operators
from tfsparse.bench.models.builder import ModelBuilder
from tfsparse.bench.models.operators import Weights

SHAPES_FILE = "layer_shapes.csv"
"""The layers, beside this module."""

_SPREAD_OF_ZEROS = 0.3
"""With 80 % zeros on average, the standard deviation of a pixel's share of zeros is 5 %."""

CONV2D = "conv2d"
FULLY_CONNECTED = "fully_connected"


@dataclass(frozen=True)
class LayerShape:
    """A layer with the input `[1, height, width, channels]`.

    Attributes:
        network: Network that it is of.
        layer: Its name there.
        operator: `conv2d`, with a square kernel and SAME padding, or `fully_connected`, over the whole input.
        height: Height of the input.
        width: Width of the input.
        channels: Channels of the input.
        outputs: Channels of the output.
        kernel: Height and width of the kernel; 1 for a fully connected layer.
        stride: Step of the kernel; 1 for a fully connected layer.
    """

    network: str
    layer: str
    operator: str
    height: int
    width: int
    channels: int
    outputs: int
    kernel: int = 1
    stride: int = 1

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """Shape of the input, NHWC."""
        return (1, self.height, self.width, self.channels)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the output, NHWC, or `[1, outputs]`."""
        if self.operator == FULLY_CONNECTED:
            return (1, self.outputs)
        return (1, math.ceil(self.height / self.stride), math.ceil(self.width / self.stride), self.outputs)

    @property
    def weights_shape(self) -> tuple[int, ...]:
        """Shape of the weights in TensorFlow Lite's layout."""
        if self.operator == FULLY_CONNECTED:
            return (self.outputs, self.height * self.width * self.channels)
        return (self.outputs, self.kernel, self.kernel, self.channels)

    @property
    def weights(self) -> int:
        """Number of weights, the bias aside."""
        return math.prod(self.weights_shape)

    @property
    def macs(self) -> int:
        """Multiply-accumulates of the dense layer."""
        return math.prod(self.output_shape) * math.prod(self.weights_shape[1:])

    def __str__(self) -> str:
        """The shape as people write it, such as `27x27x96 -> 256, 5x5`."""
        size = f"{self.height}x{self.width}x{self.channels} -> {self.outputs}"
        if self.operator == FULLY_CONNECTED:
            return f"{size}, fully connected"
        return f"{size}, {self.kernel}x{self.kernel}" + (f", stride {self.stride}" if self.stride > 1 else "")


def load_shapes() -> list[LayerShape]:
    """The layers of well-known networks whose inputs can be sparse: all but those that see the image.

    A shape that stands in several networks is listed once, under the first of them.

    Example:

    >>> print(load_shapes()[0])
    27x27x96 -> 256, 5x5
    """
    table = (importlib.resources.files("tfsparse.bench.models") / SHAPES_FILE).read_text().splitlines()
    rows = csv.reader(table[1:])
    return [LayerShape(network, layer, operator, *map(int, sizes)) for network, layer, operator, *sizes in rows]


def dense_layer(shape: LayerShape, seed: int = 0) -> bytes:
    """A `.tflite` model of the layer with random weights and ReLU."""
    builder = ModelBuilder()
    x = builder.input("input", shape.input_shape)
    if shape.operator == FULLY_CONNECTED:
        return builder.finish([operators.fully_connected(builder, shape.layer, x, _weights(shape, seed))])
    return builder.finish([operators.conv2d(builder, shape.layer, x, _weights(shape, seed), shape.stride)])


def winner_layer(shape: LayerShape, rate: float, seed: int = 0, kernel: str = "auto") -> bytes:
    """The same layer as `dense_layer` over the winner channels alone, the selection included.

    Args:
        shape: The layer.
        rate: Winner rate in (0, 1].
        seed: Seed of the weights.
        kernel: Option of the convolution: `"auto"`, or `"direct"` to keep it from being transformed.
    """
    builder = ModelBuilder()
    x = builder.input("input", shape.input_shape)
    winners = operators.select_winners(builder, shape.layer, x, rate)
    weights = _weights(shape, seed)
    if shape.operator == FULLY_CONNECTED:
        return builder.finish([operators.winner_fully_connected(builder, shape.layer, x, winners, weights)])
    output = operators.winner_conv2d(builder, shape.layer, x, winners, weights, shape.stride, kernel=kernel)
    return builder.finish([output])


def zero_skipping_conv(shape: LayerShape, seed: int = 0, kernel: str = "auto") -> bytes:
    """The same convolution as `dense_layer`, skipping the zeros of its input where that is faster.

    Args:
        shape: The layer, a convolution.
        seed: Seed of the weights.
        kernel: Option of the convolution: `"auto"`, or `"direct"` to keep it from being transformed.
    """
    builder = ModelBuilder()
    x, weights = builder.input("input", shape.input_shape), _weights(shape, seed)
    output = operators.winner_conv2d(
        builder, shape.layer, x, operators.ABSENT, weights, shape.stride, kernel=kernel, skip_zeros=True
    )
    return builder.finish([output])


def random_input(shape: LayerShape, seed: int = 0) -> np.ndarray:
    """Positive random numbers: no channel is zero, so that exactly the asked share of them wins."""
    return np.random.default_rng(seed).uniform(0.1, 1.0, shape.input_shape).astype(np.float32)


def input_with_zeros(shape: LayerShape, zeros: float, seed: int = 0) -> np.ndarray:
    """Positive random numbers, of which this share is zero: anywhere, some pixels with more zeros than others.

    Args:
        shape: The layer.
        zeros: Share of zeros in [0, 1).
        seed: Seed of the numbers.
    """
    generator = np.random.default_rng(seed)
    spread = _SPREAD_OF_ZEROS * zeros * (1.0 - zeros)
    of_pixel = generator.normal(zeros, spread, (*shape.input_shape[:3], 1))
    return random_input(shape, seed) * (generator.random(shape.input_shape, np.float32) >= of_pixel)


@functools.lru_cache(maxsize=1)
def _weights(shape: LayerShape, seed: int) -> Weights:
    """Kept for the next model, which is usually the layer's twin."""
    generator = np.random.default_rng(seed)
    filters = generator.standard_normal(shape.weights_shape, np.float32)
    filters *= math.prod(shape.weights_shape[1:]) ** -0.5
    return filters, 0.1 * generator.standard_normal(shape.outputs, np.float32)
