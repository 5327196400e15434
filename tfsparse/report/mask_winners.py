# SPDX-License-Identifier: Apache-2.0
"""Who wins in each mask of a network, class by class."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from tfsparse.analysis.consumers import resolved_unit
from tfsparse.analysis.models import named_layers
from tfsparse.analysis.winner_counts import WinnerStatistics, winner_statistics
from tfsparse.layers import WTADropout

MOST_CLASSES = 20
_BATCH = 100


@dataclass(frozen=True)
class MaskWinners:
    """The winners of one mask.

    Args:
        name: Its path in the network.
        unit: `"channel"` or `"neuron"`.
        frequency: Share of the samples in which each of them wins, `(units,)`.
        by_class: The same for the samples of each class, `(classes, units)`.
        overlap: Jaccard index of the winners of two samples, on average; `None` if there is one sample.
        overlap_within_class: The same for two samples of one class.
    """

    name: str
    unit: str
    frequency: np.ndarray
    by_class: np.ndarray
    overlap: float | None
    overlap_within_class: float | None

    @property
    def units(self) -> int:
        """How many channels or neurons there are."""
        return len(self.frequency)

    @property
    def winning(self) -> float:
        """The share of them that wins, on average."""
        return float(self.frequency.mean())


def mask_winners(model: keras.Model, x: np.ndarray, y: np.ndarray) -> tuple[MaskWinners, ...]:
    """Measures who wins in every mask of a network; none if it has none.

    Args:
        model: The network.
        x: Samples as it takes them.
        y: Their classes. Beyond the first 20 they are counted in, but not shown apart.

    Raises:
        InvalidArgumentError: The samples do not fit the network.
    """
    masks = {path: layer for path, layer in named_layers(model).items() if isinstance(layer, WTADropout)}
    if not masks:
        return ()
    overall = winner_statistics(model, x, batch_size=_BATCH)
    classes = np.unique(y)[:MOST_CLASSES]
    by_class = [winner_statistics(model, x[y == label], batch_size=_BATCH) for label in classes]
    return tuple(
        MaskWinners(
            name=path,
            unit=resolved_unit(layer, layer.input.shape),
            frequency=overall[path].frequency,
            by_class=np.array([statistics[path].frequency for statistics in by_class]),
            overlap=overall[path].overlap,
            overlap_within_class=_mean_overlap([statistics[path] for statistics in by_class]),
        )
        for path, layer in masks.items()
    )


def _mean_overlap(classes: list[WinnerStatistics]) -> float | None:
    known = [each.overlap for each in classes if each.overlap is not None]
    return float(np.mean(known)) if known else None
