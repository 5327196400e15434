# SPDX-License-Identifier: Apache-2.0
"""Random weights under which a network's activations look like those of a trained one."""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Mapping

import numpy as np

from tfsparse.bench.models.builder import ModelBuilder
from tfsparse.bench.models.operators import Weights
from tfsparse.bench.networks.architectures import Architecture
from tfsparse.bench.networks.graph import Graph
from tfsparse.bench.networks.layers import Layers
from tfsparse.runtime.interpreter import Interpreter

_LEAST_DEVIATION = 1e-6
_RANGES = {"none": (-np.inf, np.inf), "relu": (0.0, np.inf), "relu6": (0.0, 6.0)}


def calibrated_filters(
    architecture: Architecture, images: np.ndarray, rates: Mapping[str, float], width: float = 1.0, seed: int = 0
) -> dict[str, Weights]:
    """Random weights, scaled and shifted as batch normalization would on these images.

    Every channel of a convolution gets mean 0 and variance 1 before its activation function, so that about half of a
    ReLU's outputs are zero, but hardly ever a whole channel, which the winner operators would skip for nothing. The
    winners-take-all masks are in place, as they are when a network is finetuned with them.

    Args:
        architecture: The network.
        images: Array `[samples, size, size, 3]`.
        rates: Winner rates by layer.
        width: Factor of the numbers of channels.
        seed: Seed of the weights.
    """
    calibration = Calibration(rates, seed)
    architecture.build(calibration, images, width=width)
    return calibration.filters


class Calibration(Layers[np.ndarray]):
    """Computes layer by layer, choosing the weights of each when it gets there; a map is an array.

    Args:
        rates: Winner rates by layer.
        seed: Seed of the weights.
    """

    def __init__(self, rates: Mapping[str, float], seed: int) -> None:
        self.filters: dict[str, Weights] = {}
        self._rates, self._seed = rates, seed

    def conv2d(
        self,
        name: str,
        x: np.ndarray,
        outputs: int,
        kernel: int,
        stride: int = 1,
        activation: str = "relu",
        padding: str = "same",
    ) -> np.ndarray:
        """Normalizes each output channel over samples and pixels."""
        self._draw(name, (outputs, kernel, kernel, x.shape[-1]))
        y = self._run(lambda net, tensor: net.conv2d(name, tensor, outputs, kernel, stride, "none", padding), x)
        return self._normalize(name, y, activation)

    def separable_conv2d(
        self, name: str, x: np.ndarray, outputs: int, kernel: int, stride: int = 1, activation: str = "relu"
    ) -> np.ndarray:
        """Normalizes the channels of either convolution."""
        self._draw(f"{name}/depthwise", (1, kernel, kernel, x.shape[-1]))
        weights, bias = self.filters[f"{name}/depthwise"]
        y = self._run(lambda net, tensor: net.depthwise_conv2d(f"{name}/depthwise", tensor, stride, "none"), x)
        scale, shift = _normalizing(y)
        weights *= scale
        bias[:] = shift
        self._draw(name, (outputs, 1, 1, x.shape[-1]))
        y = self._run(lambda net, t: net.separable_conv2d(name, t, outputs, kernel, stride, activation, "none"), x)
        return self._normalize(name, y, activation)

    def fully_connected(self, name: str, x: np.ndarray, outputs: int, activation: str = "relu") -> np.ndarray:
        """Scales all weights alike: the samples are too few to tell neurons apart, and half of them are zero anyhow."""
        self._draw(name, (outputs, x.shape[-1]))
        y = x @ self.filters[name][0].T
        scale = 1.0 / y.std()
        self.filters[name][0][:] *= scale
        return _activate(y * scale, activation)

    def max_pool(self, x: np.ndarray, size: int, stride: int, padding: str = "same") -> np.ndarray:
        """As the runtime does it."""
        return self._run(lambda net, tensor: net.max_pool(tensor, size, stride, padding), x)

    def spatial_mean(self, x: np.ndarray) -> np.ndarray:
        """Mean over the pixels."""
        return x.mean(axis=(1, 2))

    def add(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """ReLU of the sum."""
        return np.maximum(x + y, 0.0)

    def flatten(self, x: np.ndarray) -> np.ndarray:
        """One row for each sample."""
        return x.reshape(len(x), -1)

    def _draw(self, name: str, shape: tuple[int, ...]) -> None:
        """He's normal weights; their seed depends on the name alone, so that rates do not change them."""
        generator = np.random.default_rng([self._seed, zlib.crc32(name.encode())])
        depthwise = shape[0] == 1
        weights = generator.standard_normal(shape, np.float32)
        weights *= np.float32((2.0 / math.prod(shape[1:3] if depthwise else shape[1:])) ** 0.5)
        self.filters[name] = weights, np.zeros(shape[-1] if depthwise else shape[0], np.float32)

    def _normalize(self, name: str, y: np.ndarray, activation: str) -> np.ndarray:
        """The outputs that a convolution gives once its weights are normalized by those it gave before."""
        scale, shift = _normalizing(y)
        weights, bias = self.filters[name]
        weights *= scale[:, None, None, None]
        bias[:] = shift
        return _activate(y * scale + shift, activation)

    def _run(self, layer: Callable[[Graph, int], int], x: np.ndarray) -> np.ndarray:
        """One layer alone, as the runtime computes it."""
        builder = ModelBuilder()
        output = layer(Graph(builder, self.filters, self._rates), builder.input("x", x.shape))
        return np.asarray(Interpreter(builder.finish([output])).predict(x))


def _normalizing(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Factor and summand for each channel that give it mean 0 and variance 1."""
    axes = tuple(range(y.ndim - 1))
    scale = 1.0 / np.maximum(y.std(axis=axes), _LEAST_DEVIATION)
    return scale, -y.mean(axis=axes) * scale


def _activate(y: np.ndarray, activation: str) -> np.ndarray:
    return np.clip(y, *_RANGES[activation]).astype(np.float32)
