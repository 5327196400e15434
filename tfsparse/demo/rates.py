# SPDX-License-Identifier: Apache-2.0
"""Winner rates for a wanted share of pruned feature maps."""

from __future__ import annotations

import keras
import numpy as np

import tfsparse as ts
from tfsparse.analysis.pruned import pruned_activations
from tfsparse.errors import InvalidArgumentError

_BISECTIONS = 16


def pruned_feature_maps(model: keras.Model) -> float:
    """Share of the feature maps that do not win, over all masked channels of the model; 0 where none is masked.

    Args:
        model: A model with `WTADropout` layers, as `ts.sparsify` returns it.
    """
    return pruned_activations(model).feature_maps or 0.0


def rates_for_pruned_maps(model: keras.Model, x: np.ndarray, share: float, energy: float) -> dict[str, float]:
    """Winner rates by the highest energy, one for all feature maps, at which at least `share` of them are pruned.

    Args:
        model: The dense model, trained.
        x: Calibration samples.
        share: Share of the feature maps to prune, in [0, 1).
        energy: Energy for the layers that do not read feature maps.

    Returns:
        Winner rate by layer, for `ts.sparsify`.

    Raises:
        InvalidArgumentError: The share cannot be reached: one channel of each layer always wins.
    """
    rates = ts.winner_rates(model, x, energy=energy)
    masks = {mask.name for mask in _feature_map_masks(ts.sparsify(model, rates))}
    readers = [name for name in rates if f"wta_{name}" in masks]
    low, high = 0.0, 1.0
    found = None
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        trial = {**rates, **ts.winner_rates(model, x, energy=dict.fromkeys(readers, middle))}
        if pruned_feature_maps(ts.sparsify(model, trial)) >= share:
            low, found = middle, trial
        else:
            high = middle
    if found is None:
        raise InvalidArgumentError("That many feature maps cannot be pruned.", received=share, remedy="Prune fewer.")
    return found


def _feature_map_masks(model: keras.Model) -> list[keras.Layer]:
    return [layer for layer in model.layers if isinstance(layer, ts.layers.WTADropout) and len(layer.output.shape) == 4]
