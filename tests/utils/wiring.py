# SPDX-License-Identifier: Apache-2.0
"""What small Keras networks around winners-take-all layers are wired of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from tfsparse.layers import WTADropout


@dataclass(frozen=True)
class Wiring:
    """A network, and how many winner operators of each kind its conversion has."""

    build: Callable[[], keras.Model]
    convolutions: int = 0
    products: int = 0
    masks: int = 0
    depthwise: int = 0
    pairs: int = 0
    batch: int = 2


def image(size: int = 12, channels: int = 6) -> keras.KerasTensor:
    return keras.Input((size, size, channels), name="image")


def depthwise(x: keras.KerasTensor, size: Any = 3, **options: Any) -> keras.KerasTensor:
    return layers.DepthwiseConv2D(size, **{"padding": "same", **options})(x)


def conv(x: keras.KerasTensor, filters: int = 8, size: Any = 3, **options: Any) -> keras.KerasTensor:
    return layers.Conv2D(filters, size, **{"padding": "same", **options})(x)


def wta(x: keras.KerasTensor, rate: float = 0.5, **options: Any) -> keras.KerasTensor:
    return WTADropout(rate, **options)(x)
