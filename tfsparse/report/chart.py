# SPDX-License-Identifier: Apache-2.0
"""A picture with its words and numbers, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class DataTable:
    """The numbers of a chart for those who cannot see it, or want to know exactly.

    Args:
        header: Names of the columns; the first names the rows.
        rows: Cells of each row.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Chart:
    """One picture of a report.

    Args:
        key: Name of its file, and of the place on the page.
        title: What it shows, in a few words.
        caption: How to read it.
        alt: What can be seen in it, in a sentence.
        figure: The picture.
        table: Its numbers.
    """

    key: str
    title: str
    caption: str
    alt: str
    figure: Figure
    table: DataTable


@dataclass(frozen=True)
class Absent:
    """A chart that could not be drawn.

    Args:
        title: What it would show.
        reason: Why it is not there, and what would make it appear.
    """

    title: str
    reason: str
