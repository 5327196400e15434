# SPDX-License-Identifier: Apache-2.0
"""How the energy of a layer's input spreads over its neurons or channels."""

from __future__ import annotations

from typing import Protocol

import numpy as np

_ROWS_AT_ONCE = 1 << 15
"""Pixels that are held in float64 at a time."""

_ROUNDING = 1e-12
"""Share of the energy that may be missing from rounding alone."""


class EnergySpectrum(Protocol):
    """Takes in activations batch by batch and knows the energies at the end."""

    def add(self, activations: np.ndarray) -> None:
        """Takes in one batch, samples first."""

    def energies(self) -> np.ndarray:
        """Energies in descending order, one per neuron or channel."""


class NeuronEnergy:
    """Squared activations of a sample in descending order, averaged over the samples (DASNet, eq. 2)."""

    def __init__(self, units: int) -> None:
        self._sums = np.zeros(units)
        self._samples = 0

    def add(self, activations: np.ndarray) -> None:
        flat = activations.reshape(len(activations), -1).astype(np.float64)
        self._sums += np.sort(np.square(flat), axis=1)[:, ::-1].sum(axis=0)
        self._samples += len(flat)

    def energies(self) -> np.ndarray:
        return self._sums / max(1, self._samples)


class ChannelEnergy:
    """Squared singular values of the matrix F whose rows are the pixels of all feature maps, a column per channel.

    They are the eigenvalues of F^T F, a channels by channels matrix that is summed up pixel by pixel: F itself, all
    pixels of all samples, is never held.
    """

    def __init__(self, units: int) -> None:
        self._moments = np.zeros((units, units))

    def add(self, activations: np.ndarray) -> None:
        pixels = activations.reshape(-1, activations.shape[-1])
        for start in range(0, len(pixels), _ROWS_AT_ONCE):
            rows = pixels[start : start + _ROWS_AT_ONCE].astype(np.float64)
            self._moments += rows.T @ rows

    def energies(self) -> np.ndarray:
        if not np.isfinite(self._moments).all():
            return np.full(len(self._moments), np.nan)
        return np.clip(np.linalg.eigvalsh(self._moments)[::-1], 0.0, None)


def spectrum(unit: str, units: int) -> EnergySpectrum:
    """What measures the energy of `units` neurons or channels."""
    return ChannelEnergy(units) if unit == "channel" else NeuronEnergy(units)


def smallest_count(energies: np.ndarray, share: float) -> int:
    """The smallest number of leading energies that hold at least `share` of their sum; 1 if all are zero.

    Args:
        energies: Non-negative, in descending order.
        share: Energy threshold in (0, 1]. What rounding alone could hide, 1e-12 of the sum, may be missing.

    Example:

    >>> smallest_count(np.array([6.0, 3.0, 1.0, 0.0]), 0.9), smallest_count(np.array([6.0, 3.0, 1.0, 0.0]), 1.0)
    (2, 3)
    """
    cumulative = np.cumsum(energies)
    enough = cumulative >= share * cumulative[-1] * (1.0 - _ROUNDING)
    return int(np.argmax(enough)) + 1
