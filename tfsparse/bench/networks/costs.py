# SPDX-License-Identifier: Apache-2.0
"""What a network costs: MACs, and bytes of weights, dense and over its winners."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tfsparse.bench.networks.architectures import Architecture
from tfsparse.bench.networks.layers import Layers
from tfsparse.winners import winner_count

Shape = tuple[int, ...]

WEIGHT_BYTES = 4


@dataclass(frozen=True)
class LayerCost:
    """A layer with weights.

    Attributes:
        name: Its name.
        macs: Multiply-accumulates for one sample, dense.
        weights: Number of weights, the bias aside.
        channels: Channels of its input, among which the winners are, or neurons.
        is_fully_connected: Whether each weight is used but once, so that reading it is what takes the time.
    """

    name: str
    macs: int
    weights: int
    channels: int
    is_fully_connected: bool = False

    def share(self, rates: Mapping[str, float]) -> float:
        """The share of its channels that it computes with."""
        return winner_count(rates[self.name], self.channels) / self.channels if self.name in rates else 1.0


class Costs(Layers[Shape]):
    """Counts instead of computing; a map is its shape `(height, width, channels)`, a vector `(size,)`."""

    def __init__(self) -> None:
        self.layers: list[LayerCost] = []

    def conv2d(
        self,
        name: str,
        x: Shape,
        outputs: int,
        kernel: int,
        stride: int = 1,
        activation: str = "relu",
        padding: str = "same",
    ) -> Shape:
        """Counts the taps of every output."""
        y = (*_window(x, kernel, stride, padding), outputs)
        taps = kernel * kernel * x[-1]
        self.layers.append(LayerCost(name, math.prod(y) * taps, outputs * taps, x[-1]))
        return y

    def separable_conv2d(
        self, name: str, x: Shape, outputs: int, kernel: int, stride: int = 1, activation: str = "relu"
    ) -> Shape:
        """Counts both convolutions, under one name: they share the winners."""
        y = (*_window(x, kernel, stride, "same"), x[-1])
        taps = kernel * kernel
        self.layers.append(LayerCost(name, math.prod(y) * taps, x[-1] * taps, x[-1]))
        return self.conv2d(name, y, outputs, 1)

    def fully_connected(self, name: str, x: Shape, outputs: int, activation: str = "relu") -> Shape:
        """Counts the weights."""
        self.layers.append(LayerCost(name, x[0] * outputs, x[0] * outputs, x[0], is_fully_connected=True))
        return (outputs,)

    def max_pool(self, x: Shape, size: int, stride: int, padding: str = "same") -> Shape:
        """Costs nothing."""
        return (*_window(x, size, stride, padding), x[-1])

    def spatial_mean(self, x: Shape) -> Shape:
        """Costs nothing."""
        return x[-1:]

    def add(self, x: Shape, y: Shape) -> Shape:
        """Costs nothing."""
        return x

    def flatten(self, x: Shape) -> Shape:
        """Costs nothing."""
        return (math.prod(x),)


def count(architecture: Architecture, image_size: int | None = None, width: float = 1.0) -> list[LayerCost]:
    """The layers of a network that have weights.

    Args:
        architecture: The network.
        image_size: Height and width of the image; `None` for the usual ones.
        width: Factor of the numbers of channels.
    """
    size = image_size or architecture.image_size
    costs = Costs()
    architecture.build(costs, (size, size, 3), width=width)
    return costs.layers


def mac_share(layers: Iterable[LayerCost], rates: Mapping[str, float], macs_per_byte: float | None = None) -> float:
    """The share of a network's cost that is left at these winner rates: 1 / share is the limit of its speed-up.

    The cost of a convolution is its MACs. A fully connected layer of one sample uses each weight once, and reading the
    weights takes the time, so that its cost is

        cost = bytes of the weights that are read * macs_per_byte

    where `macs_per_byte` says how many MACs a dense convolution does in the time in which a dense fully connected layer
    reads a byte, both measured on the machine at hand. Without it a fully connected layer counts by its MACs too.

    Args:
        layers: The network.
        rates: Winner rates by layer.
        macs_per_byte: The balance of the machine, or `None`.
    """
    weight = 1.0 if macs_per_byte is None else WEIGHT_BYTES * macs_per_byte
    costs = [(layer.macs * (weight if layer.is_fully_connected else 1.0), layer.share(rates)) for layer in layers]
    return sum(cost * share for cost, share in costs) / sum(cost for cost, _ in costs)


def _window(x: Shape, size: int, stride: int, padding: str) -> Shape:
    lost = 0 if padding == "same" else size - 1
    return tuple(math.ceil((extent - lost) / stride) for extent in x[:2])
