# SPDX-License-Identifier: Apache-2.0
"""Compares tensors sample by sample, and knows which samples have winners too close to call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from tfsparse.layers.export_hook import WinnerSpec


def sample_errors(expected: np.ndarray, received: np.ndarray) -> np.ndarray:
    """The largest absolute difference within each sample.

    Equal infinities differ by 0, as do two NaNs; a NaN and a number differ by infinity.

    Args:
        expected: Array `[samples, ...]`.
        received: Array of as many elements.

    Example:

    >>> sample_errors(np.array([[1.0, 2.0], [3.0, np.nan]]), np.array([[1.0, 2.5], [3.0, 1.0]])).tolist()
    [0.5, inf]
    """
    wanted, got = (array.reshape(len(expected), -1).astype(np.float64) for array in (expected, received))
    same = (wanted == got) | (np.isnan(wanted) & np.isnan(got))
    with np.errstate(invalid="ignore"):
        errors = np.where(same, 0.0, np.abs(wanted - got))
    return np.where(np.isnan(errors), np.inf, errors).max(axis=1, initial=0.0)


def near_ties(x: np.ndarray, spec: WinnerSpec, tolerance: float) -> np.ndarray:
    """Samples in which the weakest winner and the strongest loser score the same but for rounding.

    Args:
        x: Input of the winners-take-all layer, `[samples, ..., channels]`.
        spec: What the layer does.
        tolerance: Difference of two scores, as a share of the sample's highest, below which either may win.

    Returns:
        Boolean array `[samples]`. Scores of zero tie without consequence, so they do not count.
    """
    scores = _scores(x, spec)
    if spec.winners >= scores.shape[1]:
        return np.zeros(len(x), bool)
    ranked = -np.sort(-scores, axis=1)
    winner, loser = ranked[:, spec.winners - 1], ranked[:, spec.winners]
    return (winner - loser <= tolerance * ranked[:, 0]) & (winner > 0)


def near_thresholds(x: np.ndarray, thresholds: np.ndarray, tolerance: float) -> np.ndarray:
    """Samples with an element whose magnitude is that of its threshold but for rounding.

    Args:
        x: Input of the layer that keeps what reaches the threshold, `[samples, ...]`.
        thresholds: `[samples]`.
        tolerance: Difference, as a share of the sample's highest magnitude, below which an element may stay or go.

    Returns:
        Boolean array `[samples]`. Elements of zero may stay or go without consequence, so they do not count.
    """
    magnitude = np.abs(x.astype(np.float64)).reshape(len(x), -1)
    near = np.abs(magnitude - thresholds[:, np.newaxis]) <= tolerance * magnitude.max(axis=1, keepdims=True)
    return np.any(near & (magnitude > 0), axis=1)


def _scores(x: np.ndarray, spec: WinnerSpec) -> np.ndarray:
    magnitude = np.abs(x.astype(np.float64))
    if spec.unit == "neuron":
        return magnitude.reshape(len(x), -1)
    pixels = magnitude.reshape(len(x), -1, x.shape[-1])
    return pixels.max(axis=1) if spec.score == "max" else pixels.mean(axis=1)


@dataclass
class Tally:
    """Adds up what the batches say about one tensor.

    Attributes:
        tolerance: Largest relative error allowed.
        error: Largest absolute difference so far, of the samples that count.
        scale: Largest magnitude that Keras gave.
        undecided: Samples that differ, but behind winners too close to call.
        samples: Number of samples so far.
    """

    tolerance: float
    error: float = 0.0
    scale: float = 0.0
    undecided: int = 0
    samples: int = 0

    def add(self, expected: np.ndarray, received: np.ndarray, tied: np.ndarray) -> None:
        """Takes in a batch; `tied` marks the samples whose winners were too close to call up to here."""
        errors = sample_errors(expected, received)
        finite = np.abs(expected[np.isfinite(expected)])
        self.scale = max(self.scale, float(finite.max(initial=0.0)))
        excused = tied & (errors > self.tolerance * self.scale)
        self.undecided += int(excused.sum())
        self.samples += len(errors)
        self.error = max(self.error, float(errors[~excused].max(initial=0.0)))

    @property
    def relative(self) -> float:
        """The error as a share of the scale."""
        if self.error == 0.0:
            return 0.0
        return self.error / self.scale if self.scale else float("inf")

    @property
    def agrees(self) -> bool:
        """Whether every sample that counts is within the tolerance, and at least one counts."""
        return self.relative <= self.tolerance and self.undecided < self.samples
