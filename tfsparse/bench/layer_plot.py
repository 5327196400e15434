# SPDX-License-Identifier: Apache-2.0
"""The layers of a sparse model as bars, each over the time of the dense layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tfsparse.bench.layer_comparison import LayerComparison
from tfsparse.errors import InvalidArgumentError
from tfsparse.pictures import check_picture, save_figure

_WIDTH = 0.38
_INCHES_PER_LAYER = 0.55
_COLORS = {"dense": "#c7c7c7", "products": "#2f6fb3", "ranking": "#e08a1e"}


def plot_layers(layers: Sequence[LayerComparison], path: Path, title: str = "") -> None:
    """Draws for each layer the dense time as 1 beside the sparse one, in which the ranking stands on top.

    Args:
        layers: At least one.
        path: File to write: SVG, PNG or PDF by its ending. Written as a whole or not at all.
        title: What was measured.

    Raises:
        InvalidArgumentError: There is no layer to draw, or the ending is unknown.
        RuntimeUnavailableError: matplotlib is missing.
    """
    check_picture(path)
    if not layers:
        raise InvalidArgumentError(
            "There is no layer to draw.",
            expected="a sparse model with winner operators, and the dense model of the same network",
            received="models without a layer in common",
        )
    from matplotlib.figure import Figure

    figure = Figure(figsize=(max(5.0, 1.5 + _INCHES_PER_LAYER * len(layers)), 3.6), layout="constrained")
    axes = figure.subplots()
    places = range(len(layers))
    ranking = [layer.ranking_ms / layer.dense_ms for layer in layers]
    products = [(layer.sparse_ms - layer.ranking_ms) / layer.dense_ms for layer in layers]
    left, right = ([place + shift for place in places] for shift in (-_WIDTH / 2, _WIDTH / 2))
    axes.bar(left, [1.0] * len(layers), _WIDTH, label="dense", color=_COLORS["dense"])
    axes.bar(right, products, _WIDTH, label="sparse: products", color=_COLORS["products"])
    axes.bar(right, ranking, _WIDTH, bottom=products, label="sparse: ranking", color=_COLORS["ranking"])
    for place, layer in zip(right, layers, strict=True):
        top = layer.sparse_ms / layer.dense_ms
        axes.annotate(f"{layer.speedup:.1f}x", (place, top), (0, 2), textcoords="offset points", ha="center", size=7)
    axes.set_xticks(list(places), [layer.layer for layer in layers], rotation=45, ha="right", size=8, parse_math=False)
    axes.set_ylabel("time / dense time")
    axes.set_title(title, size=9, parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper right", ncols=3, frameon=False, fontsize=8)
    save_figure(figure, path)
