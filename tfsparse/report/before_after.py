# SPDX-License-Identifier: Apache-2.0
"""The activations of a network before and after it became sparse."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from tfsparse.analysis.graph import trace
from tfsparse.analysis.histograms import Histogram, activation_histograms
from tfsparse.analysis.models import named_layers
from tfsparse.analysis.relu_sites import relu_sites
from tfsparse.layers import WTADropout

_BATCH = 100


@dataclass(frozen=True)
class BeforeAfter:
    """The values at one place of the network, before and after it became sparse.

    Args:
        name: Path of the layer that returns them.
        masked: Whether those after are what a mask lets through.
        before: The values in the network before.
        after: The values in the network after.
    """

    name: str
    masked: bool
    before: Histogram
    after: Histogram


def before_after(dense: keras.Model, sparse: keras.Model, x: np.ndarray) -> tuple[BeforeAfter, ...]:
    """Counts the activations of two networks of which one was made from the other.

    The places are all ReLUs of the dense network, and all layers whose output the sparse one masks; a mask's output
    stands for that of the layer in front of it. A threshold behind a ReLU counts as part of it.

    Args:
        dense: The network before.
        sparse: The network after.
        x: Samples as both take them.

    Raises:
        InvalidArgumentError: The samples do not fit the networks.
    """
    masks = _masks(sparse)
    there = {**named_layers(sparse), **relu_sites(sparse)}
    known = {**named_layers(dense), **relu_sites(dense)}
    sites = [path for path in known if path in relu_sites(dense) or path in masks]
    candidates = {path: [each for each in _names(path, masks) if each in there] for path in sites}
    pairs = {path: names[0] for path, names in candidates.items() if names}
    if not pairs:
        return ()
    before = activation_histograms(dense, x, layers=list(pairs), batch_size=_BATCH)
    after = activation_histograms(sparse, x, layers=list(pairs.values()), batch_size=_BATCH)
    return tuple(BeforeAfter(path, path in masks, before[path], after[name]) for path, name in pairs.items())


def _names(path: str, masks: dict[str, str]) -> list[str]:
    """What stands for a layer of the dense network in the sparse one, the best first."""
    return [masks.get(path, f"{path}_fatrelu"), path]


def _masks(model: keras.Model) -> dict[str, str]:
    """Paths of masks by the path of the layer that they mask."""
    graph = trace(model)
    masked = ((graph.producer(call.inputs[0]), call) for call in graph.calls if isinstance(call.layer, WTADropout))
    return {producer.path: call.path for producer, call in masked if producer is not None}
