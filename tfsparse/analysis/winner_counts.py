# SPDX-License-Identifier: Apache-2.0
"""Which channels and neurons win, how often, and how much the winners of two samples have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.batches import batches
from tfsparse.analysis.consumers import resolved_unit
from tfsparse.analysis.models import named_layers
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import WTADropout


@dataclass(frozen=True)
class WinnerStatistics:
    """Winners of one mask. A winner whose values are all zero does not count: nothing is computed with it.

    Args:
        frequency: Share of the samples in which each channel or neuron wins, `(units,)`.
        overlap: Jaccard index of the winners of two samples, |A and B| / |A or B|, averaged over the pairs of samples
            that ran in one batch; `None` if each batch had one sample. 1: always the same units win, and pruning the
            others would do. With winners by chance it is about p / (2 - p) at a winner rate p.
        samples: Number of samples, calls of a shared mask counted each.
    """

    frequency: np.ndarray
    overlap: float | None
    samples: int


def winner_statistics(model: keras.Model, x: Any, *, batch_size: int = 32) -> dict[str, WinnerStatistics]:
    """Measures who wins in every `WTADropout` of a model.

    Args:
        model: A built Keras model with masks. It runs in inference mode, layer by layer, and stays as it is.
        x: Samples: an array, a list or dict of arrays, or an iterable of batches.
        batch_size: Samples that run at once if `x` is made of arrays, 1 or more, default 32.

    Returns:
        Statistics by path of the mask.

    Raises:
        InvalidArgumentError: The model has no masks, or `x` is empty or does not fit it.

    Example:

    >>> model = keras.Sequential([keras.Input((4,)), WTADropout(0.5, name="wta")])
    >>> found = winner_statistics(model, np.array([[4.0, 3.0, 1.0, 1.0], [4.0, 1.0, 3.0, 1.0]]))["wta"]
    >>> found.frequency.tolist(), round(found.overlap, 3)
    ([1.0, 0.5, 0.5, 0.0], 0.333)

    Reference:
        Yang, Qing, et al., "DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement", 2019.
    """
    masks = {path: layer for path, layer in named_layers(model).items() if isinstance(layer, WTADropout)}
    if not masks:
        raise InvalidArgumentError(
            f"Model '{model.name}' has no WTADropout layer.", remedy="Put masks into it with ts.sparsify."
        )
    sums = {id(layer): _Sums() for layer in masks.values()}

    def count(layer: keras.Layer, index: int, inputs: Any, outputs: Any) -> None:
        values = to_numpy(outputs)
        by_channel = resolved_unit(layer, values.shape) == "channel"
        axes = tuple(range(1, values.ndim - 1)) if by_channel else ()
        sums[id(layer)].add(np.any(values != 0, axis=axes, keepdims=True).reshape(len(values), -1))

    for batch in batches(model, x, batch_size, "Counting winners"):
        with observing(masks.values(), count):
            run(model, batch)
    return {path: sums[id(layer)].statistics() for path, layer in masks.items()}


class _Sums:
    def __init__(self) -> None:
        self.wins: Any = 0
        self.samples = 0
        self.overlaps = 0.0
        self.pairs = 0

    def add(self, winners: np.ndarray) -> None:
        """Takes in the winners of a batch, `(samples, units)`."""
        self.wins = self.wins + winners.sum(axis=0)
        self.samples += len(winners)
        counts = winners.sum(axis=1)
        common = winners.astype(np.float32) @ winners.T.astype(np.float32)
        either = counts[:, np.newaxis] + counts - common
        index = np.where(either > 0, common / np.maximum(either, 1), 1.0)
        pairs = np.triu_indices(len(winners), 1)
        self.overlaps += float(index[pairs].sum())
        self.pairs += len(pairs[0])

    def statistics(self) -> WinnerStatistics:
        overlap = self.overlaps / self.pairs if self.pairs else None
        return WinnerStatistics(np.asarray(self.wins) / max(1, self.samples), overlap, self.samples)
