# SPDX-License-Identifier: Apache-2.0
"""Multiply-accumulates of a layer call: all of them, and those of a non-zero activation with a non-zero weight."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import layers

from tfsparse.analysis.activations import to_numpy

_CONV = (layers.Conv1D, layers.Conv2D, layers.Conv3D)
_DEPTHWISE = (layers.DepthwiseConv1D, layers.DepthwiseConv2D)
_SEPARABLE = (layers.SeparableConv1D, layers.SeparableConv2D)
_TRANSPOSED = tuple(
    getattr(layers, name) for name in ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose") if hasattr(layers, name)
)


@dataclass(frozen=True)
class Macs:
    """Multiply-accumulates of one call, summed over the samples of the batch.

    Args:
        dense: Every weight with every position that it meets. Taps on padding count, as they do in published tables:
            output height * output width * kernel height * kernel width * input channels * output channels.
        effective: Pairs of an activation and a weight that are both not zero. Padding is zero.
    """

    dense: int
    effective: int

    def __add__(self, other: Macs) -> Macs:
        return Macs(self.dense + other.dense, self.effective + other.effective)


MacCounter = Callable[[Any, Any, Any], Macs]
"""Counts the call of a layer: `(layer, inputs, outputs)`."""


def mac_counter(layer: Any) -> MacCounter | None:
    """What counts the MACs of a layer; `None` if it multiplies nothing with weights, or in a way not known here.

    Known: dense and einsum-dense layers, and convolutions: grouped, depthwise, separable and transposed too. Scaling
    (normalization), pooling and activation functions count as nothing.
    """
    if isinstance(layer, _CONV):
        return _count_conv
    if isinstance(layer, _DEPTHWISE):
        return _count_depthwise
    if isinstance(layer, _SEPARABLE):
        return _count_separable
    if isinstance(layer, _TRANSPOSED):
        return _count_transposed
    if isinstance(layer, layers.Dense):
        return _count_dense
    return _count_einsum if isinstance(layer, layers.EinsumDense) else None


def _count_dense(layer: Any, inputs: Any, outputs: Any) -> Macs:
    active, present = _nonzero(inputs), _nonzero(layer.kernel)
    return Macs(active.size * present.shape[-1], _pairs(_counts(active), _counts(present.T)))


def _count_conv(layer: Any, inputs: Any, outputs: Any) -> Macs:
    active, out, present = _last(_nonzero(inputs), layer), _last_shape(outputs, layer), _nonzero(layer.kernel)
    *taps, channels, filters = present.shape
    groups = active.shape[-1] // channels
    # A channel meets the filters of its own group alone: (taps, channel in the group, group, filter in the group).
    by_group = present.reshape(*taps, channels, groups, filters // groups).sum(axis=-1, dtype=np.int64)
    weights = np.swapaxes(by_group, -1, -2).reshape(*taps, groups * channels)
    dense = math.prod(out) * math.prod(taps) * channels
    return Macs(dense, _pairs(_tap_counts(active, layer, taps, out[1:-1]), weights))


def _count_depthwise(layer: Any, inputs: Any, outputs: Any) -> Macs:
    return _depthwise(layer, layer.kernel, inputs, _last_shape(outputs, layer))


def _depthwise(layer: Any, kernel: Any, inputs: Any, out: tuple[int, ...]) -> Macs:
    active, present = _last(_nonzero(inputs), layer), _nonzero(kernel)
    taps = present.shape[:-2]
    weights = present.sum(axis=-1, dtype=np.int64)
    return Macs(math.prod(out) * math.prod(taps), _pairs(_tap_counts(active, layer, taps, out[1:-1]), weights))


def _count_separable(layer: Any, inputs: Any, outputs: Any) -> Macs:
    between = keras.ops.depthwise_conv(
        inputs,
        layer.depthwise_kernel,
        strides=layer.strides,
        padding=layer.padding,
        data_format=layer.data_format,
        dilation_rate=layer.dilation_rate,
    )
    middle, pointwise = _last(_nonzero(between), layer), _nonzero(layer.pointwise_kernel)
    weights = pointwise.reshape(-1, pointwise.shape[-1])
    depthwise = _depthwise(layer, layer.depthwise_kernel, inputs, middle.shape)
    return depthwise + Macs(middle.size * weights.shape[-1], _pairs(_counts(middle), _counts(weights.T)))


def _count_transposed(layer: Any, inputs: Any, outputs: Any) -> Macs:
    # Seen from the input: each activation meets every tap of its channel, also those that 'same' padding cuts off.
    active, present = _last(_nonzero(inputs), layer), _nonzero(layer.kernel)
    return Macs(active.size * math.prod(present.shape[:-1]), _pairs(_counts(active), _counts(present)))


def _count_einsum(layer: Any, inputs: Any, outputs: Any) -> Macs:
    active, present = _nonzero(inputs), _nonzero(layer.kernel)
    operands, result = layer.equation.replace(" ", "").split("->")
    labels = operands.split(",")[1]
    summed = math.prod(size for label, size in zip(labels, present.shape, strict=True) if label not in result)
    pairs = np.einsum(f"{operands}->", active.astype(np.float64), present.astype(np.float64), optimize=True)
    return Macs(math.prod(outputs.shape) * summed, int(pairs))


def _nonzero(tensor: Any) -> np.ndarray:
    return to_numpy(tensor) != 0


def _pairs(activations: np.ndarray, weights: np.ndarray) -> int:
    return int(np.sum(activations * weights))


def _counts(flags: np.ndarray) -> np.ndarray:
    """How many are set for each index of the last axis."""
    return flags.reshape(-1, flags.shape[-1]).sum(axis=0, dtype=np.int64)


def _tap_counts(active: np.ndarray, layer: Any, taps: Any, out: tuple[int, ...]) -> np.ndarray:
    """How many non-zero activations each tap meets in each channel, `(*taps, channels)`."""
    counts = np.zeros((*taps, active.shape[-1]), np.int64)
    dilations = _per_axis(layer.dilation_rate, len(taps))
    strides = _per_axis(layer.strides, len(taps))
    axes = list(zip(active.shape[1:-1], taps, out, strides, dilations, strict=True))
    before = [_padding_before(layer.padding, *axis) for axis in axes]
    for tap in itertools.product(*map(range, taps)):
        window = tuple(
            _positions(index * dilation - pad, stride, size, extent)
            for index, pad, (extent, _, size, stride, dilation) in zip(tap, before, axes, strict=True)
        )
        counts[tap] = _counts(active[(slice(None), *window)])
    return counts


def _padding_before(padding: str, extent: int, taps: int, out: int, stride: int, dilation: int) -> int:
    reach = dilation * (taps - 1)
    if padding == "same":
        return max(0, (out - 1) * stride + reach + 1 - extent) // 2
    return reach if padding == "causal" else 0


def _positions(offset: int, stride: int, out: int, extent: int) -> slice:
    """The positions `offset + o * stride` for o < out that lie within the input."""
    first = max(0, -(offset // stride))
    last = min(out - 1, (extent - 1 - offset) // stride)
    return slice(offset + first * stride, max(0, offset + last * stride + 1), stride)


def _per_axis(value: Any, axes: int) -> tuple[int, ...]:
    return (value,) * axes if isinstance(value, int) else tuple(value)


def _last(array: np.ndarray, layer: Any) -> np.ndarray:
    return np.moveaxis(array, 1, -1) if layer.data_format == "channels_first" else array


def _last_shape(tensor: Any, layer: Any) -> tuple[int, ...]:
    shape = tuple(tensor.shape)
    return (shape[0], *shape[2:], shape[1]) if layer.data_format == "channels_first" else shape
