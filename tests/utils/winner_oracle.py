# SPDX-License-Identifier: Apache-2.0
"""The winner operators in NumPy, written for clarity: what the native ones must agree with.

The arguments of a convolution or product are the operator and its inputs, in its order.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tfsparse.ops import WinnerConv2D, WinnerDepthwiseConv2D, WinnerFullyConnected, WinnerSeparableConv2D

_CLAMPS = {"none": (-np.inf, np.inf), "relu": (0.0, np.inf), "relu6": (0.0, 6.0), "relu_n1_to_1": (-1.0, 1.0)}


def select_winners(x: np.ndarray, winners: int, score: str = "max", unit: str = "channel") -> np.ndarray:
    """`x [N, ..., C]` → `[N, winners]`: ascending indices of the highest scores above zero, then -1.

    All channels of a map that may keep them all.
    """
    samples = np.abs(x.astype(np.float64)).reshape(len(x), -1, x.shape[-1])
    if unit == "channel" and winners == x.shape[-1] and samples.shape[1] > 1:
        return np.tile(np.arange(winners, dtype=np.int32), (len(x), 1))
    if unit == "neuron":
        scores = samples.reshape(len(x), -1)
    else:
        scores = samples.max(axis=1) if score == "max" else samples.mean(axis=1)
    rows = np.full((len(x), winners), -1, np.int32)
    for row, values in zip(rows, scores, strict=True):
        ranked = np.argsort(-np.where(np.isnan(values), np.inf, values), kind="stable")[:winners]
        kept = np.sort(ranked[values[ranked] != 0])
        row[: len(kept)] = kept
    return rows


def mask_winners(x: np.ndarray, winners: np.ndarray | None, unit: str = "channel") -> np.ndarray:
    """`x` with every loser set to zero; all of it without `winners`."""
    if winners is None:
        return x
    masked = np.zeros_like(x)
    for source, target, row in zip(x, masked, winners, strict=True):
        kept = row[row >= 0]
        if unit == "channel":
            target[..., kept] = source[..., kept]
        else:
            target.reshape(-1)[kept] = source.reshape(-1)[kept]
    return masked


def winner_conv2d(
    op: WinnerConv2D, x: np.ndarray, winners: np.ndarray | None, kernel: np.ndarray, bias: np.ndarray | None = None
) -> np.ndarray:
    """Convolution of the masked `x` with a filter `[O, KH, KW, C]`."""
    y = sum(met @ kernel[:, row, column].T.astype(np.float64) for row, column, met in _taps(op, x, winners, kernel))
    return _finish(y, bias, op.activation)


def winner_depthwise_conv2d(
    op: WinnerDepthwiseConv2D, x: np.ndarray, winners: np.ndarray, kernel: np.ndarray, bias: np.ndarray | None = None
) -> np.ndarray:
    """Depthwise convolution of the masked `x` with a filter `[1, KH, KW, C]`."""
    y = sum(met * kernel[0, row, column] for row, column, met in _taps(op, x, winners, kernel))
    return _finish(y, bias, op.activation)


def winner_separable_conv2d(
    op: WinnerSeparableConv2D,
    x: np.ndarray,
    winners: np.ndarray,
    depthwise_kernel: np.ndarray,
    kernel: np.ndarray,
    depthwise_bias: np.ndarray | None = None,
    bias: np.ndarray | None = None,
) -> np.ndarray:
    """A depthwise convolution of the masked `x`, and a product of each of its pixels with a filter `[O, 1, 1, C]`."""
    sums = sum(met * depthwise_kernel[0, row, column] for row, column, met in _taps(op, x, winners, depthwise_kernel))
    between = _finish(sums, depthwise_bias, op.depthwise_activation)
    return _finish(between @ kernel[:, 0, 0].T.astype(np.float64), bias, op.activation)


def winner_fully_connected(
    op: WinnerFullyConnected,
    x: np.ndarray,
    winners: np.ndarray | None,
    weights: np.ndarray,
    bias: np.ndarray | None = None,
) -> np.ndarray:
    """Product of the masked `x` with weights `[O, taps * channels]`; the result is `[N * rows, O]`."""
    if winners is not None:
        samples = x.reshape(len(winners), -1, op.channels) if len(winners) else x.reshape(0, 1, op.channels)
        x = mask_winners(samples, winners)
    rows = x.reshape(-1, weights.shape[1]).astype(np.float64)
    return _finish(rows @ weights.T.astype(np.float64), bias, op.activation)


def _taps(
    op: WinnerConv2D | WinnerDepthwiseConv2D | WinnerSeparableConv2D,
    x: np.ndarray,
    winners: np.ndarray | None,
    kernel: np.ndarray,
) -> Iterator[tuple[int, int, np.ndarray]]:
    """Row and column of each tap of a filter, and what of the masked `x`, padded by TFLite's rule, it meets."""
    x = mask_winners(x, winners).astype(np.float64)
    strides, dilations, taps = (op.stride_h, op.stride_w), (op.dilation_h, op.dilation_w), kernel.shape[1:3]
    sizes, pads = [], []
    for size, stride, dilation, count in zip(x.shape[1:3], strides, dilations, taps, strict=True):
        reach = (count - 1) * dilation + 1
        out = -(-size // stride) if op.padding == "same" else (size - reach) // stride + 1
        total = max((out - 1) * stride + reach - size, 0) if op.padding == "same" else 0
        sizes.append(out)
        pads.append((total // 2, total - total // 2))
    x = np.pad(x, ((0, 0), *pads, (0, 0)))
    for row in range(taps[0]):
        for column in range(taps[1]):
            met = x[:, row * dilations[0] :: strides[0], column * dilations[1] :: strides[1]]
            yield row, column, met[:, : sizes[0], : sizes[1]]


def _finish(y: np.ndarray, bias: np.ndarray | None, activation: str) -> np.ndarray:
    return np.clip(y if bias is None else y + bias, *_CLAMPS[activation])
