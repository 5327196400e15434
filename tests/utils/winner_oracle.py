# SPDX-License-Identifier: Apache-2.0
"""The winner operators in NumPy, written for clarity: what the native ones must agree with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

_CLAMPS = {"none": (-np.inf, np.inf), "relu": (0.0, np.inf), "relu6": (0.0, 6.0), "relu_n1_to_1": (-1.0, 1.0)}


def select_winners(x: np.ndarray, winners: int, score: str = "max", unit: str = "channel") -> np.ndarray:
    """`x [N, ..., C]` → `[N, winners]`: ascending indices of the highest scores above zero, then -1."""
    samples = np.abs(x.astype(np.float64)).reshape(len(x), -1, x.shape[-1])
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


def mask_winners(x: np.ndarray, winners: np.ndarray, unit: str = "channel") -> np.ndarray:
    """`x` with every loser set to zero."""
    masked = np.zeros_like(x)
    for source, target, row in zip(x, masked, winners, strict=True):
        kept = row[row >= 0]
        if unit == "channel":
            target[..., kept] = source[..., kept]
        else:
            target.reshape(-1)[kept] = source.reshape(-1)[kept]
    return masked


def winner_conv2d(
    x: np.ndarray,
    winners: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None,
    *,
    strides: tuple[int, int] = (1, 1),
    dilations: tuple[int, int] = (1, 1),
    padding: str = "same",
    activation: str = "none",
) -> np.ndarray:
    """Convolution of the masked `x` with a filter `[O, KH, KW, C]`, padded by TFLite's rule."""
    x = mask_winners(x, winners).astype(np.float64)
    windows = _windows(x, kernel.shape[1:3], strides, dilations, padding)
    y = sum(window @ kernel[:, row, column].astype(np.float64).T for (row, column), window in windows)
    return _finish(y, bias, activation)


def winner_depthwise_conv2d(
    x: np.ndarray,
    winners: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None,
    *,
    strides: tuple[int, int] = (1, 1),
    dilations: tuple[int, int] = (1, 1),
    padding: str = "same",
    activation: str = "none",
) -> np.ndarray:
    """Depthwise convolution of the masked `x` with a filter `[1, KH, KW, C]`, padded by TFLite's rule."""
    x = mask_winners(x, winners).astype(np.float64)
    windows = _windows(x, kernel.shape[1:3], strides, dilations, padding)
    y = sum(window * kernel[0, row, column] for (row, column), window in windows)
    return _finish(y, bias, activation)


def _windows(
    x: np.ndarray, taps: tuple[int, ...], strides: tuple[int, int], dilations: tuple[int, int], padding: str
) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """Row and column of each tap of a filter, and what it meets at every output pixel."""
    sizes, pads = [], []
    for axis in (0, 1):
        reach = (taps[axis] - 1) * dilations[axis] + 1
        size = x.shape[1 + axis]
        out = -(-size // strides[axis]) if padding == "same" else (size - reach) // strides[axis] + 1
        total = max((out - 1) * strides[axis] + reach - size, 0) if padding == "same" else 0
        sizes.append(out)
        pads.append((total // 2, total - total // 2))
    x = np.pad(x, ((0, 0), *pads, (0, 0)))
    for row in range(taps[0]):
        for column in range(taps[1]):
            met = x[:, row * dilations[0] :: strides[0], column * dilations[1] :: strides[1]]
            yield (row, column), met[:, : sizes[0], : sizes[1]]


def winner_fully_connected(
    x: np.ndarray,
    winners: np.ndarray,
    weights: np.ndarray,
    bias: np.ndarray | None,
    *,
    channels: int,
    activation: str = "none",
) -> np.ndarray:
    """Product of the masked `x` with weights `[O, taps * channels]`; the result is `[N * rows, O]`."""
    samples = x.reshape(len(winners), -1, channels) if len(winners) else x.reshape(0, 1, channels)
    masked = mask_winners(samples, winners).astype(np.float64)
    return _finish(masked.reshape(-1, weights.shape[1]) @ weights.astype(np.float64).T, bias, activation)


def _finish(y: np.ndarray, bias: np.ndarray | None, activation: str) -> np.ndarray:
    return np.clip(y if bias is None else y + bias, *_CLAMPS[activation])
