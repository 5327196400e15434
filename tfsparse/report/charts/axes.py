# SPDX-License-Identifier: Apache-2.0
"""What several charts do to their axes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize

from tfsparse.report.theme import DEPTH, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_COLORS = 8
"""Curves up to which each has a colour of its own and a place in the legend."""

_LEAST_SPAN = 1.0
_MANY_ROWS = 16


def accuracy_limits(accuracies: Iterable[float]) -> tuple[float, float]:
    """Ends of an axis in percent that shows shares apart, but does not make a mountain of a tenth of a percent.

    Example:

    >>> accuracy_limits([0.5, 0.9]), accuracy_limits([0.99, 0.991])
    ((46.0, 94.0), (98.45, 99.65))
    """
    low, high = 100 * min(found := list(accuracies)), 100 * max(found)
    missing = max(0.0, _LEAST_SPAN - (high - low)) / 2
    margin = 0.1 * max(high - low, _LEAST_SPAN)
    bottom = max(0.0, low - missing - margin)
    return round(bottom, 6), round(max(bottom + _LEAST_SPAN, min(101.0, high + missing + margin)), 6)


def below(axes: Axes, columns: int) -> None:
    """Puts the legend under the axes, where it hides nothing."""
    axes.figure.legend(handles=axes.get_legend_handles_labels()[0], loc="outside lower left", ncols=columns)


def rows_down(axes: Axes, names: Sequence[str]) -> None:
    """Names the rows of a chart from top to bottom."""
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.grid(False, axis="y")


def row_height(rows: int, inches: float) -> float:
    """Inches of so many rows, which move together where they are many."""
    return rows * (inches if rows <= _MANY_ROWS else 0.2)


def curve_color(index: int, curves: int) -> str | tuple[float, ...]:
    """The colour of one of so many curves: its own, or where they are many, by its place from first to last."""
    return series(index) if curves <= MOST_COLORS else _depth()(index / (curves - 1))


def below_or_by_depth(figure: Figure, axes: Axes, curves: int) -> None:
    """Explains the colours of `curve_color`: by a legend, or by a bar from the first layer to the last."""
    if curves <= MOST_COLORS:
        below(axes, columns=2)
        return
    colors = ScalarMappable(Normalize(1, curves), _depth())
    figure.colorbar(colors, ax=axes, label="layer, from first to last")


def _depth() -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("depth", DEPTH)
