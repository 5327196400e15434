# SPDX-License-Identifier: Apache-2.0
"""What share of its activations a network with winners-take-all masks prunes, counted as in published tables."""

from __future__ import annotations

from dataclasses import dataclass

import keras

from tfsparse.analysis.consumers import count_units, resolved_unit
from tfsparse.analysis.graph import trace
from tfsparse.layers import WTADropout


@dataclass(frozen=True)
class PrunedActivations:
    """Shares of what masks look at that does not win; `None` where there is no mask of the kind.

    Args:
        feature_maps: Of the channels in front of all masked convolutions, and of dense layers behind a flattening,
            taken together. Where single elements win, of the elements.
        fc_activations: Of the neurons between fully connected layers, taken together; neither the network's input nor
            its output is among them.
    """

    feature_maps: float | None
    fc_activations: float | None


def pruned_activations(model: keras.Model) -> PrunedActivations:
    """Counts winners and losers of all masks of a model.

    Args:
        model: A Sequential or Functional model, such as `ts.sparsify` returns.

    Raises:
        UnsupportedModelError: The model is subclassed, or has no shapes yet.

    Example:

    >>> model = keras.Sequential([keras.Input((4, 4, 8)), WTADropout(0.25), keras.layers.Flatten()])
    >>> pruned_activations(model)
    PrunedActivations(feature_maps=0.75, fc_activations=None)
    """
    graph = trace(model)
    counts: dict[bool, list[tuple[int, int]]] = {True: [], False: []}
    for call in {id(call.layer): call for call in graph.calls if isinstance(call.layer, WTADropout)}.values():
        shape = graph.shapes[call.inputs[0]]
        units = count_units(shape, resolved_unit(call.layer, shape))
        counts[len(shape) == 2].append((call.layer.winners, units))
    return PrunedActivations(feature_maps=_lost(counts[False]), fc_activations=_lost(counts[True]))


def _lost(counts: list[tuple[int, int]]) -> float | None:
    units = sum(unit for _, unit in counts)
    return 1.0 - sum(winners for winners, _ in counts) / units if units else None
