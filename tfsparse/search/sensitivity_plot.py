# SPDX-License-Identifier: Apache-2.0
"""The picture of what each layer bears: a line for each layer, or a heat map where lines would be too many."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tfsparse.pictures import check_picture, save_figure
from tfsparse.search.curves import WEIGHTS, WINNERS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from tfsparse.search.curves import Curve, Sensitivity

MOST_LINES = 10
_AXIS = {WINNERS: "winner rate", WEIGHTS: "share of weights that stay"}
_INCHES_PER_ROW = 0.2
_HEAT_SHARES = np.round(np.arange(0.05, 1.001, 0.05), 2)
_NO_TEX: dict[str, Any] = {"parse_math": False}


def plot_sensitivity(found: Sensitivity, path: Path) -> None:
    """Draws one panel for winner rates and, if they were measured, one for weights.

    Args:
        found: What to draw.
        path: File to write: SVG, PNG or PDF by its ending.

    Raises:
        InvalidArgumentError: The ending is unknown.
        ConversionError: The file cannot be written.
        RuntimeUnavailableError: matplotlib is missing.
    """
    check_picture(path)
    from matplotlib.figure import Figure

    kinds = [kind for kind in (WINNERS, WEIGHTS) if any(curve.kind == kind for curve in found.curves)]
    rows = max(sum(curve.kind == kind for curve in found.curves) for kind in kinds)
    height = 3.8 if rows <= MOST_LINES else max(3.8, 1.2 + _INCHES_PER_ROW * rows)
    figure = Figure(figsize=(6.4 * len(kinds), height), layout="constrained")
    for axes, kind in zip(figure.subplots(1, len(kinds), squeeze=False)[0], kinds, strict=True):
        curves = [curve for curve in found.curves if curve.kind == kind]
        if rows <= MOST_LINES:
            _draw_lines(axes, curves, found)
        else:
            _draw_heat_map(figure, axes, curves, found)
        axes.set_xlabel(_AXIS[kind])
    figure.suptitle(
        f"{found.model}: one layer turned down at a time, no finetuning, {found.samples:,} samples", size=9, **_NO_TEX
    )
    save_figure(figure, path)


def _draw_lines(axes: Axes, curves: list[Curve], found: Sensitivity) -> None:
    axes.axhline(100 * found.accuracy, color="#999999", linewidth=0.8, linestyle=":", label="dense")
    layers = list(dict.fromkeys(curve.layers[0] for curve in found.curves))
    for curve in curves:
        shares = [1.0, *(point.share for point in curve.points)]
        accuracies = [found.accuracy, *(point.accuracy for point in curve.points)]
        color = f"C{layers.index(curve.layers[0]) % MOST_LINES}"
        # The blank keeps a name that begins with "_" in the legend.
        axes.plot(
            shares,
            100 * np.asarray(accuracies),
            label=f" {_label(curve)}",
            color=color,
            linewidth=1.4,
            marker="o",
            markersize=3,
        )
    axes.set_xlim(1.02, 0.0)
    axes.set_ylabel("accuracy in %")
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    for text in axes.legend(frameon=False, fontsize=8, loc="lower left").get_texts():
        text.set_parse_math(False)


def _label(curve: Curve) -> str:
    named = ", ".join(curve.layers)
    return f"{named} (of {curve.units})" if curve.kind == WINNERS else named


def _draw_heat_map(figure: Figure, axes: Axes, curves: list[Curve], found: Sensitivity) -> None:
    lost = [100 * (found.accuracy - _accuracies(curve, found)) for curve in curves]
    drawn = axes.imshow(np.array(lost)[:, ::-1], aspect="auto", cmap="magma_r", vmin=0.0, vmax=10.0)
    axes.set_yticks(range(len(curves)), [curve.layers[0] for curve in curves], size=6, **_NO_TEX)
    places = range(len(_HEAT_SHARES) - 1, -1, -2)
    axes.set_xticks(list(places), [f"{_HEAT_SHARES[::-1][place]:g}" for place in places], size=7)
    figure.colorbar(drawn, ax=axes, label="accuracy lost, in %", extend="max")


def _accuracies(curve: Curve, found: Sensitivity) -> np.ndarray:
    """Accuracies at `_HEAT_SHARES`, interpolated between the points of a curve."""
    shares = [*(point.share for point in reversed(curve.points)), 1.0]
    return np.interp(_HEAT_SHARES, shares, [*(point.accuracy for point in reversed(curve.points)), found.accuracy])
