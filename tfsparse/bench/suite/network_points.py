# SPDX-License-Identifier: Apache-2.0
"""Measures whole networks."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from tfsparse.bench.models.layers import dense_layer, load_shapes, random_input
from tfsparse.bench.networks.architectures import Architecture
from tfsparse.bench.networks.calibration import calibrated_filters
from tfsparse.bench.networks.costs import WEIGHT_BYTES, count, mac_share
from tfsparse.bench.networks.graph import network_model
from tfsparse.bench.statistics import summarize
from tfsparse.bench.suite.layer_points import ranking_ms
from tfsparse.bench.suite.rows import Row
from tfsparse.bench.suite.settings import Settings
from tfsparse.runtime.interpreter import Interpreter

_IMAGES = 4
_CALIBRATION_IMAGES = 2
_CONVOLUTION, _FULLY_CONNECTED = ("resnet18", "stage2"), ("alexnet", "fc7")


@dataclass(frozen=True)
class NetworkCase:
    """A network at given winner rates.

    Attributes:
        name: What it is called in the result.
        detail: Where the rates come from.
        setting: The winner rate, or the share of MACs, that was asked for.
        architecture: The network.
        rates: Winner rates by layer.
    """

    name: str
    detail: str
    setting: float
    architecture: Architecture = field(compare=False)
    rates: Mapping[str, float] = field(compare=False)

    @property
    def weights(self) -> int:
        """Number of weights of the network."""
        return sum(layer.weights for layer in count(self.architecture))


@dataclass(frozen=True)
class NetworkPoint:
    """A network with one number of threads."""

    case: NetworkCase
    threads: int

    def measure(self, settings: Settings) -> list[Row]:
        """One row."""
        dense_model, sparse_model = _models(self.case)
        samples = [[image[None]] for image in _images(self.case.architecture.image_size, _IMAGES)]
        models = [Interpreter(model, self.threads, settings.runtime) for model in (dense_model, sparse_model)]
        dense_times, sparse_times = settings.time(models, samples)
        layers = count(self.case.architecture)
        balance = macs_per_byte(self.threads, settings)
        return [
            Row.from_times(
                dense_times,
                sparse_times,
                name=self.case.name,
                detail=self.case.detail,
                threads=self.threads,
                kernel="auto",
                setting=self.case.setting,
                work=mac_share(layers, self.case.rates, balance),
                mac_share=mac_share(layers, self.case.rates),
                ranking_ms=ranking_ms(sparse_model, samples, self.threads, settings),
            )
        ]


@functools.cache
def macs_per_byte(threads: int, settings: Settings) -> float:
    """MACs that a dense convolution does in the time in which a dense fully connected layer reads a byte of weights."""
    shapes = {(shape.network, shape.layer): shape for shape in load_shapes()}
    convolution, fully_connected = shapes[_CONVOLUTION], shapes[_FULLY_CONNECTED]
    milliseconds = []
    for shape in (convolution, fully_connected):
        interpreter = Interpreter(dense_layer(shape), threads, settings.runtime)
        milliseconds.append(summarize(settings.time([interpreter], [[random_input(shape)]])[0]).median)
    return (convolution.macs / milliseconds[0]) / (WEIGHT_BYTES * fully_connected.macs / milliseconds[1])


@functools.lru_cache(maxsize=1)
def _models(case: NetworkCase) -> tuple[bytes, bytes]:
    """The dense and the sparse model; kept for the next number of threads."""
    images = _images(case.architecture.image_size, _CALIBRATION_IMAGES)
    filters = calibrated_filters(case.architecture, images, case.rates)
    return network_model(case.architecture, filters, {}), network_model(case.architecture, filters, case.rates)


def _images(size: int, number: int) -> np.ndarray:
    return np.random.default_rng(0).random((number, size, size, 3), np.float32)
