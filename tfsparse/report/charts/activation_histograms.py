# SPDX-License-Identifier: Apache-2.0
"""How activations are distributed before and after the network became sparse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from tfsparse.report.chart import Chart, DataTable
from tfsparse.report.numbers import percent
from tfsparse.report.theme import DENSE, WIDTH, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tfsparse.analysis.histograms import Histogram
    from tfsparse.report.before_after import BeforeAfter

TITLE = "Activations before and after"
MOST_PANELS = 8
_BINS = 60
_QUANTILE = 0.999
_PERCENTS = (0.5, 0.9, 0.99)


def activation_histograms(stages: tuple[str, str], sites: Sequence[BeforeAfter], samples: int) -> Chart:
    """Draws the non-zero activations of each place in the network, before and after, and writes the zeros beside them.

    Args:
        stages: The stage before, and the stage after.
        sites: At least one place.
        samples: Number of samples that were looked at.
    """
    shown = _spread(sites)
    before, after = stages
    rows = -(-len(shown) // 2)
    figure = Figure(figsize=(WIDTH, 1.0 + 1.6 * rows))
    panels = figure.subplots(rows, 2, squeeze=False).ravel()
    for axes, site in zip(panels, shown, strict=False):
        _draw(axes, site)
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    figure.supxlabel("activation")
    figure.supylabel("share of the values per bin, %")
    colors = (DENSE.light, f" {before}"), (series(1), f" {after}")
    patches = [Patch(color=color, alpha=0.7, label=label) for color, label in colors]
    figure.legend(handles=patches, loc="outside upper left", ncols=2)
    part = f"{len(shown)} of {len(sites)} places are shown; the table has all. " if len(shown) < len(sites) else ""
    return Chart(
        key="activations",
        title=TITLE,
        caption=(
            f"{part}Distribution of what activation functions return in {samples:,} test samples, and of what masks "
            "let through (marked as winners). Zeros are not drawn but counted above each panel; the largest 0.1 % are "
            "cut off."
        ),
        alt="; ".join(_sentence(site) for site in shown),
        figure=figure,
        table=DataTable(
            (
                "place",
                "zeros before",
                "zeros after",
                *(f"{percent(share, digits=0)} are at most, before" for share in _PERCENTS),
                *(f"{percent(share, digits=0)} are at most, after" for share in _PERCENTS),
            ),
            [_cells(site) for site in sites],
        ),
    )


def _spread(sites: Sequence[BeforeAfter]) -> list[BeforeAfter]:
    if len(sites) <= MOST_PANELS:
        return list(sites)
    return [sites[index] for index in np.linspace(0, len(sites) - 1, MOST_PANELS).round().astype(int)]


def _draw(axes: Axes, site: BeforeAfter) -> None:
    edges = _edges(site)
    for histogram, color in ((site.before, DENSE.light), (site.after, series(1))):
        axes.stairs(100 * _shares(histogram, edges), edges, fill=True, color=color, alpha=0.55, linewidth=0)
        axes.stairs(100 * _shares(histogram, edges), edges, color=color, linewidth=1.2)
    zeros = (percent(histogram.zeros, digits=1) for histogram in (site.before, site.after))
    axes.set_title(f"{_name(site)}\nzeros {' → '.join(zeros)}", size=9)
    axes.set_ylim(bottom=0)
    axes.set_xlim(edges[0], edges[-1])
    axes.locator_params(nbins=5)


def _edges(site: BeforeAfter) -> np.ndarray:
    both = (site.before, site.after)
    low = min(0.0, *(histogram.quantile(1 - _QUANTILE) for histogram in both))
    high = max(0.0, *(histogram.quantile(_QUANTILE) for histogram in both))
    return np.linspace(low, high if high > low else low + 1.0, _BINS + 1)


def _shares(histogram: Histogram, edges: np.ndarray) -> np.ndarray:
    """The shares of all values that are in each bin, zeros left out."""
    counts = histogram.rebinned(edges).astype(float)
    at_zero = min(int(np.searchsorted(edges, 0.0, side="right")) - 1, len(counts) - 1)
    counts[at_zero] -= histogram.zeros * histogram.total
    return np.maximum(counts, 0.0) / max(1, histogram.total)


def _name(site: BeforeAfter) -> str:
    return f"{site.name}, winners" if site.masked else site.name


def _cells(site: BeforeAfter) -> list[str]:
    both = (site.before, site.after)
    zeros = (percent(histogram.zeros, digits=1) for histogram in both)
    return [_name(site), *zeros, *(f"{histogram.quantile(share):.3g}" for histogram in both for share in _PERCENTS)]


def _sentence(site: BeforeAfter) -> str:
    before, after = (percent(histogram.zeros, digits=1) for histogram in (site.before, site.after))
    return f"{_name(site)}: zeros from {before} to {after}"
