# SPDX-License-Identifier: Apache-2.0
"""Multiply-accumulates of a network's layers, whether a run recorded them or they were measured just now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class LayerCount:
    """One layer, as in `tfsparse.analysis.profile.LayerProfile`."""

    name: str
    kind: str
    macs: int
    macs_after_wta: int
    effective_macs: float
    winners: int | None
    units: int | None
    weight_sparsity: float | None
    input_sparsity: float

    @property
    def drop(self) -> float:
        """The share of the multiply-accumulates that meet a zero, 0 to 1."""
        return 1 - self.effective_macs / self.macs


@dataclass(frozen=True)
class NetworkCount:
    """The layers of one network that have multiply-accumulates, in their order.

    Args:
        samples: Number of samples that they were counted on.
        layers: The layers.
    """

    samples: int
    layers: tuple[LayerCount, ...]

    @property
    def macs(self) -> int:
        """Those of the dense network, per sample."""
        return sum(layer.macs for layer in self.layers)

    @property
    def macs_after_wta(self) -> int:
        """Those that winners leave."""
        return sum(layer.macs_after_wta for layer in self.layers)

    @property
    def effective_macs(self) -> float:
        """Those of a non-zero activation with a non-zero weight."""
        return sum(layer.effective_macs for layer in self.layers)

    @property
    def drop(self) -> float:
        """The share of the multiply-accumulates that meet a zero, 0 to 1."""
        return 1 - self.effective_macs / self.macs


def network_count(samples: int, layers: Iterable[Mapping[str, Any]]) -> NetworkCount:
    """The layers out of what a stage recorded, or of a profile as a dictionary; more is known there than is needed.

    Args:
        samples: Number of samples that they were counted on.
        layers: What is known of each layer, by name.

    Example:

    >>> known = dict(name="fc", kind="Dense", macs=8, macs_after_wta=8, effective_macs=2.0, calls=1)
    >>> known |= dict(winners=None, units=None, weight_sparsity=0.5, input_sparsity=0.5)
    >>> network_count(1, [known, {**known, "name": "flatten", "macs": 0}]).drop
    0.75
    """
    wanted = [field.name for field in fields(LayerCount)]
    rows = tuple(LayerCount(**{name: layer[name] for name in wanted}) for layer in layers if layer["macs"])
    return NetworkCount(samples, rows)
