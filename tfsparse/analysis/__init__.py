# SPDX-License-Identifier: Apache-2.0
"""What a network computes and what of it matters: its graph, its activations, winner rates, MACs and sparsity."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# On first use: the modules here are imported by packages that some of them import.
_LAZY = {
    "activation_histograms": "tfsparse.analysis.histograms",
    "weight_distance": "tfsparse.analysis.weight_distances",
    "winner_statistics": "tfsparse.analysis.winner_counts",
}

__all__ = ["activation_histograms", "weight_distance", "winner_statistics"]

if TYPE_CHECKING:
    from tfsparse.analysis.histograms import activation_histograms as activation_histograms
    from tfsparse.analysis.weight_distances import weight_distance as weight_distance
    from tfsparse.analysis.winner_counts import winner_statistics as winner_statistics


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'tfsparse.analysis' has no attribute {name!r}")
    return getattr(importlib.import_module(_LAZY[name]), name)
