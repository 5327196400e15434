# SPDX-License-Identifier: Apache-2.0
"""The masks of a model, and what they let through."""

from __future__ import annotations

import keras
import numpy as np

from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.models import named_layers
from tfsparse.layers import WTADropout


def masks_of(model: keras.Model) -> dict[str, WTADropout]:
    """The masks by their names, those in nested models included."""
    return {name: layer for name, layer in named_layers(model).items() if isinstance(layer, WTADropout)}


def winners_behind(mask: WTADropout, model: keras.Model, x) -> tuple[np.ndarray, np.ndarray]:
    """The number of non-zero units of every sample before and behind a mask."""
    counts: list[tuple[np.ndarray, np.ndarray]] = []

    def count(tensor) -> np.ndarray:
        array = to_numpy(tensor)
        if mask.unit == "channel":
            return np.any(array != 0, axis=tuple(range(1, array.ndim - 1))).sum(axis=-1)
        return np.count_nonzero(array.reshape(len(array), -1), axis=-1)

    with observing([mask], lambda layer, index, inputs, outputs: counts.append((count(inputs), count(outputs)))):
        run(model, x)
    before, behind = zip(*counts, strict=True)
    return np.concatenate(before), np.concatenate(behind)
