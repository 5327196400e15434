# SPDX-License-Identifier: Apache-2.0
"""Networks in NumPy, written for clarity: what the `.tflite` models must agree with."""

from __future__ import annotations

import numpy as np

from tests.utils import winner_oracle as oracle
from tfsparse.ops import WinnerConv2D, WinnerFullyConnected, WinnerSeparableConv2D
from tfsparse.winners import winner_count


class NumpyLayers:
    """The layers of `tfsparse.bench.networks.layers.Layers` on arrays; those with a rate see their winners alone."""

    def __init__(self, filters, rates):
        self.filters, self.rates = filters, rates

    def winners(self, name, x):
        return oracle.select_winners(x, winner_count(self.rates.get(name, 1.0), x.shape[-1]))

    def conv2d(self, name, x, outputs, kernel, stride=1, activation="relu", padding="same"):
        weights, bias = self.filters[name]
        assert weights.shape == (outputs, kernel, kernel, x.shape[-1])
        op = WinnerConv2D(name, stride, stride, 1, 1, padding, activation)
        return oracle.winner_conv2d(op, x, self.winners(name, x), weights, bias).astype(np.float32)

    def separable_conv2d(self, name, x, outputs, kernel, stride=1, activation="relu"):
        (weights, bias), (pointwise, pointwise_bias) = self.filters[f"{name}/depthwise"], self.filters[name]
        op = WinnerSeparableConv2D(name, stride, stride, 1, 1, "same", activation, activation)
        inputs = x, self.winners(name, x), weights, pointwise, bias, pointwise_bias
        return oracle.winner_separable_conv2d(op, *inputs).astype(np.float32)

    def fully_connected(self, name, x, outputs, activation="relu"):
        weights, bias = self.filters[name]
        assert len(weights) == outputs
        op = WinnerFullyConnected(name, x.shape[-1], activation, False)
        return oracle.winner_fully_connected(op, x, self.winners(name, x), weights, bias).astype(np.float32)

    def max_pool(self, x, size, stride, padding="same"):
        sizes = [-(-(extent - (0 if padding == "same" else size - 1)) // stride) for extent in x.shape[1:3]]
        totals = [max((out - 1) * stride + size - extent, 0) for out, extent in zip(sizes, x.shape[1:3], strict=True)]
        pads = [(total // 2, total - total // 2) for total in totals]
        padded = np.pad(x, ((0, 0), *pads, (0, 0)), constant_values=-np.inf)
        windows = [
            padded[:, row : row + sizes[0] * stride : stride, column : column + sizes[1] * stride : stride]
            for row in range(size)
            for column in range(size)
        ]
        return np.max([window[:, : sizes[0], : sizes[1]] for window in windows], axis=0)

    def spatial_mean(self, x):
        return x.mean(axis=(1, 2))

    def add(self, x, y):
        return np.maximum(x + y, 0.0)

    def flatten(self, x):
        return x.reshape(len(x), -1)
