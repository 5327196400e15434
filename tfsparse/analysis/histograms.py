# SPDX-License-Identifier: Apache-2.0
"""How the activations of each layer are distributed, counted batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.batches import batches
from tfsparse.analysis.relu_sites import chosen_layers
from tfsparse.errors import InvalidArgumentError

_BINS = 1 << 16


class Histogram:
    """Counts of values in 65,536 bins, one per number of bfloat16 and the values less than 1 % above it in magnitude.

    No range has to be known before, zero has a bin of its own, and memory does not grow with the number of values.
    """

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, np.int64)

    def add(self, values: np.ndarray) -> None:
        """Counts all elements of an array."""
        bits = np.ascontiguousarray(values, np.float32).view(np.uint32) >> 16
        self._counts += np.bincount(bits.ravel(), minlength=_BINS)

    @property
    def total(self) -> int:
        """Number of values, NaN among them."""
        return int(self._counts.sum())

    @property
    def zeros(self) -> float:
        """Share of zeros; values below 1e-40 count as zero. 0 if there are no values."""
        return float(self._counts[[0, _BINS >> 1]].sum() / max(1, self.total))

    def quantile(self, share: float) -> float:
        """The end next to zero of the bin up to which `share` of the values lie; NaN does not count.

        Args:
            share: In [0, 1].

        Raises:
            InvalidArgumentError: There are no values.
        """
        values, counts = self.bins()
        if not len(values):
            raise InvalidArgumentError("The histogram is empty.", expected="at least one number")
        reached = np.searchsorted(np.cumsum(counts), share * counts.sum() * (1 - 1e-12))
        return float(values[min(reached, len(values) - 1)])

    def bins(self) -> tuple[np.ndarray, np.ndarray]:
        """The bins that are not empty: their ends next to zero in ascending order, and their counts. NaN has none."""
        filled = np.flatnonzero(self._counts)
        values = (filled.astype(np.uint32) << 16).view(np.float32)
        order = np.argsort(values, kind="stable")[: np.count_nonzero(~np.isnan(values))]  # NaN comes last
        return values[order] + 0.0, self._counts[filled][order]  # + 0.0: one zero, not two

    def rebinned(self, edges: np.ndarray) -> np.ndarray:
        """Counts between ascending `edges`, as `numpy.histogram` gives them, for a picture."""
        values, counts = self.bins()
        finite = np.isfinite(values)
        return np.histogram(values[finite], edges, weights=counts[finite])[0].astype(np.int64)


def activation_histograms(
    model: keras.Model, x: Any, *, layers: Sequence[str] | None = None, batch_size: int = 32
) -> dict[str, Histogram]:
    """Counts the values that layers return, over all samples, calls and positions.

    Nothing is stored but the counts. Call it before and after training to see what a method did.

    Args:
        model: A built Keras model. It runs in inference mode, layer by layer, and stays as it is.
        x: Samples: an array, a list or dict of arrays, or an iterable of batches.
        layers: Names, paths or shell patterns of layers. `None`: all that end in a ReLU.
        batch_size: Samples that run at once if `x` is made of arrays, 1 or more, default 32.

    Returns:
        Histogram by path of the layer.

    Raises:
        InvalidArgumentError: `x` is empty or does not fit the model, or a name fits no layer.

    Example:

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.ReLU(name="relu")])
    >>> histogram = activation_histograms(model, np.array([[-1.0, -2.0, 0.5, 2.0]]))["relu"]
    >>> histogram.total, histogram.zeros, histogram.quantile(1.0)
    (4, 0.5, 2.0)
    """
    watched = chosen_layers(model, layers)
    paths = {id(layer): path for path, layer in watched.items()}
    histograms = {path: Histogram() for path in watched}

    def count(layer: keras.Layer, index: int, inputs: Any, outputs: Any) -> None:
        for output in keras.tree.flatten(outputs):
            histograms[paths[id(layer)]].add(to_numpy(keras.ops.cast(output, "float32")))

    for batch in batches(model, x, batch_size, "Counting activations"):
        with observing(watched.values(), count):
            run(model, batch)
    return histograms
