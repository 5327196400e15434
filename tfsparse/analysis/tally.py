# SPDX-License-Identifier: Apache-2.0
"""Adds up what the calls of layers compute, batch by batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.activations import to_numpy
from tfsparse.analysis.macs import Macs, mac_counter
from tfsparse.analysis.shares import WinnerShare


@dataclass
class Zeros:
    """Zeros among elements."""

    zeros: int = 0
    elements: int = 0

    def add(self, tensors: Any) -> None:
        """Counts a tensor, or all tensors of a structure."""
        for tensor in keras.tree.flatten(tensors):
            if hasattr(tensor, "shape"):
                array = to_numpy(tensor)
                self.zeros += array.size - int(np.count_nonzero(array))
                self.elements += array.size

    def include(self, other: Zeros) -> None:
        """Adds the counts of another one."""
        self.zeros += other.zeros
        self.elements += other.elements

    @property
    def share(self) -> float:
        """Zeros per element; 0 if there are no elements."""
        return self.zeros / self.elements if self.elements else 0.0


@dataclass
class LayerTally:
    """Sums over all calls of one layer, on all samples."""

    calls: int = 0
    output_shape: tuple[int, ...] = ()
    macs: Macs = field(default_factory=lambda: Macs(0, 0))
    macs_after_wta: int = 0
    share: WinnerShare | None = None
    inputs: Zeros = field(default_factory=Zeros)
    outputs: Zeros = field(default_factory=Zeros)


class Tally:
    """Sums of every layer, by the id of the layer.

    Args:
        shares: The winners that calls read, by the id of the layer and the index of the call.
    """

    def __init__(self, shares: Mapping[tuple[int, int], WinnerShare]) -> None:
        self.layers: dict[int, LayerTally] = {}
        self._shares = shares

    def observe(self, layer: keras.Layer, index: int, inputs: Any, outputs: Any) -> None:
        """Adds one call."""
        tally = self.layers.setdefault(id(layer), LayerTally())
        share = self._shares.get((id(layer), index))
        if tally.calls == 0:
            first = keras.tree.flatten(outputs)[0]
            tally.output_shape = tuple(first.shape)[1:]
            tally.share = share
        tally.calls = max(tally.calls, index + 1)
        tally.inputs.add(inputs)
        tally.outputs.add(outputs)
        count = mac_counter(layer)
        if count is not None:
            macs = count(layer, inputs, outputs)
            tally.macs += macs
            tally.macs_after_wta += macs.dense * share.winners // share.units if share else macs.dense
