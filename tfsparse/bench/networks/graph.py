# SPDX-License-Identifier: Apache-2.0
"""A network as a `.tflite` model."""

from __future__ import annotations

from collections.abc import Mapping

from tfsparse.bench.models import operators
from tfsparse.bench.models.builder import ModelBuilder
from tfsparse.bench.models.operators import Weights
from tfsparse.bench.networks.architectures import Architecture
from tfsparse.bench.networks.layers import Layers
from tfsparse.conversion.passes.fuse_ranking import fuse_ranking

Filters = Mapping[str, Weights]
"""Filter and bias of every layer; a separable convolution has another pair, `<name>/depthwise`."""


def network_model(
    architecture: Architecture,
    filters: Filters,
    rates: Mapping[str, float],
    image_size: int | None = None,
    width: float = 1.0,
) -> bytes:
    """The `.tflite` model of a network, batch 1. Selections read scores, as in converted models.

    Args:
        architecture: The network.
        filters: Weights of the layers.
        rates: Winner rates by layer; none for the dense model.
        image_size: Height and width of the image; `None` for the usual ones.
        width: Factor of the numbers of channels, the same that the weights were made with.
    """
    builder = ModelBuilder()
    size = image_size or architecture.image_size
    image = builder.input("image", (1, size, size, 3))
    output = architecture.build(Graph(builder, filters, rates), image, width=width)
    builder.rewrite(fuse_ranking)
    return builder.finish([output])


class Graph(Layers[int]):
    """Layers as operators of a graph; a map is the index of its tensor.

    Args:
        builder: The graph.
        filters: Weights of the layers.
        rates: Winner rates by layer. A layer that is named here runs over its winners, any other one dense. Layers that
            read one map at one rate share its selection.
    """

    def __init__(self, builder: ModelBuilder, filters: Filters, rates: Mapping[str, float]) -> None:
        self._builder, self._filters, self._rates = builder, filters, rates
        self._selections: dict[tuple[int, float], int] = {}

    def conv2d(
        self,
        name: str,
        x: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        activation: str = "relu",
        padding: str = "same",
    ) -> int:
        """CONV_2D, or the winner convolution, which here pads `"same"` always."""
        weights = self._filters[name]
        if name not in self._rates:
            return operators.conv2d(self._builder, name, x, weights, stride, activation, padding)
        return operators.winner_conv2d(self._builder, name, x, self._winners(name, x), weights, stride, activation)

    def separable_conv2d(
        self,
        name: str,
        x: int,
        outputs: int,
        kernel: int,
        stride: int = 1,
        activation: str = "relu",
        pointwise_activation: str | None = None,
    ) -> int:
        """DEPTHWISE_CONV_2D and CONV_2D, or both in one winner operator."""
        depthwise, pointwise = self._filters[f"{name}/depthwise"], self._filters[name]
        last = pointwise_activation or activation
        if name not in self._rates:
            y = self.depthwise_conv2d(f"{name}/depthwise", x, stride, activation)
            return operators.conv2d(self._builder, name, y, pointwise, 1, last)
        winners = self._winners(name, x)
        return operators.winner_separable_conv2d(
            self._builder, name, x, winners, depthwise, pointwise, stride, activation, last
        )

    def depthwise_conv2d(self, name: str, x: int, stride: int, activation: str) -> int:
        """DEPTHWISE_CONV_2D."""
        return operators.depthwise_conv2d(self._builder, name, x, self._filters[name], stride, activation)

    def fully_connected(self, name: str, x: int, outputs: int, activation: str = "relu") -> int:
        """FULLY_CONNECTED, or the winner fully connected."""
        weights = self._filters[name]
        if name not in self._rates:
            return operators.fully_connected(self._builder, name, x, weights, activation)
        return operators.winner_fully_connected(self._builder, name, x, self._winners(name, x), weights, activation)

    def max_pool(self, x: int, size: int, stride: int, padding: str = "same") -> int:
        """MAX_POOL_2D."""
        return operators.max_pool(self._builder, x, size, stride, padding)

    def spatial_mean(self, x: int) -> int:
        """MEAN."""
        return operators.spatial_mean(self._builder, x)

    def add(self, x: int, y: int) -> int:
        """ADD with ReLU."""
        return operators.add(self._builder, x, y)

    def flatten(self, x: int) -> int:
        """RESHAPE."""
        return operators.flatten(self._builder, x)

    def _winners(self, name: str, x: int) -> int:
        key = x, self._rates[name]
        if key not in self._selections:
            self._selections[key] = operators.select_winners(self._builder, name, x, self._rates[name])
        return self._selections[key]
