# SPDX-License-Identifier: Apache-2.0
"""The colours of a report, light and dark, and how matplotlib draws with them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Color:
    """One colour by what it is for: its name in CSS, and what it is on a light and on a dark page.

    Charts are drawn with the light values, no two of which are equal, so that a picture in a page can have each of
    them replaced by the CSS variable of that name.
    """

    name: str
    light: str
    dark: str


INK = Color("ink", "#1b2430", "#e6eaf0")
MUTED = Color("muted", "#56616f", "#a3aebb")
LINE = Color("line", "#cdd4dc", "#3c4653")
BAND = Color("band", "#eef1f4", "#232b35")
PAPER = Color("paper", "#ffffff", "#161c24")
DENSE = Color("dense", "#9aa5b1", "#77838f")
SERIES = (
    Color("series-1", "#2563b0", "#6ea8f0"),
    Color("series-2", "#c2570c", "#f0954a"),
    Color("series-3", "#1d7f55", "#4cc48e"),
    Color("series-4", "#8147b8", "#bb8df0"),
    Color("series-5", "#b8264b", "#f2758f"),
    Color("series-6", "#0f7c8a", "#45bccb"),
    Color("series-7", "#7a6200", "#cfb23c"),
    Color("series-8", "#5b4a42", "#b8a498"),
)
DEPTH = ("#4a86d8", "#b05fd0", "#d9692f")
"""From the first layer to the last where layers are too many for colours of their own; seen on light and on dark."""

COLORS = (INK, MUTED, LINE, BAND, PAPER, DENSE, *SERIES)

WIDTH = 4.6
"""Inches; a picture is shown about as wide on a phone, so that its letters stay readable there."""


def series(index: int) -> str:
    """The colour of the series with this number, from 0; they recur after eight."""
    return SERIES[index % len(SERIES)].light


@contextlib.contextmanager
def drawing() -> Iterator[None]:
    """Lets matplotlib draw as the charts of a report look, and the same figure give the same SVG."""
    import matplotlib

    settings: dict[Any, Any] = {
        "axes.axisbelow": True,
        "axes.edgecolor": MUTED.light,
        "axes.facecolor": "none",
        "axes.grid": True,
        "axes.labelcolor": INK.light,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 9.5,
        "figure.constrained_layout.use": True,
        "figure.facecolor": "none",
        "figure.labelsize": 9.5,
        "font.size": 9.5,
        "grid.color": LINE.light,
        "grid.linewidth": 0.6,
        "image.cmap": "cividis",
        "legend.fontsize": 8.5,
        "legend.frameon": False,
        "lines.linewidth": 1.6,
        "svg.fonttype": "none",
        "svg.hashsalt": "tfsparse",
        "text.color": INK.light,
        "text.parse_math": False,
        "xtick.color": MUTED.light,
        "xtick.labelcolor": INK.light,
        "xtick.labelsize": 8.5,
        "ytick.color": MUTED.light,
        "ytick.labelcolor": INK.light,
        "ytick.labelsize": 8.5,
    }
    with matplotlib.rc_context(settings):
        yield
