# SPDX-License-Identifier: Apache-2.0
"""Puts words, tables and charts into one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

import tfsparse
from tfsparse.report.chart import Absent, Chart, DataTable
from tfsparse.report.heading import Heading, Results
from tfsparse.report.images import SVG_LIMIT, as_data_uri, as_png, as_svg
from tfsparse.report.theme import COLORS

_TEMPLATES = Path(__file__).parent / "template"


@dataclass(frozen=True)
class _Figure:
    key: str
    title: str
    caption: str
    alt: str
    table: DataTable
    svg: Markup | None
    png: str | None


def render_page(
    heading: Heading, results: Results | None, charts: Sequence[Chart], absent: Sequence[Absent] = ()
) -> str:
    """The page as HTML. Whatever comes from files is escaped; the page forbids its reader to load anything.

    Args:
        heading: What is said in words.
        results: The main table, or `None` while there is none.
        charts: What is shown, in order.
        absent: What is not, and why.
    """
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template("page.html.j2").render(
        heading=heading,
        results=results,
        charts=[_figure(chart) for chart in charts],
        absent=absent,
        colors=COLORS,
        version=tfsparse.__version__,
    )


def _figure(chart: Chart) -> _Figure:
    svg = as_svg(chart.figure, chart.key, chart.alt)
    drawn = len(svg) <= SVG_LIMIT
    return _Figure(
        chart.key,
        chart.title,
        chart.caption,
        chart.alt,
        chart.table,
        svg=Markup(svg) if drawn else None,
        png=None if drawn else as_data_uri(as_png(chart.figure)),
    )
