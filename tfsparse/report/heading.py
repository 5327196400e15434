# SPDX-License-Identifier: Apache-2.0
"""What a page says in words."""

from __future__ import annotations

from dataclasses import dataclass

from tfsparse.report.chart import DataTable


@dataclass(frozen=True)
class KeyFigure:
    """One number that stands for all.

    Args:
        label: What it is.
        value: The number.
        detail: What it is to be compared with.
    """

    label: str
    value: str
    detail: str


@dataclass(frozen=True)
class Results:
    """The main table of a page.

    Args:
        title: What it shows.
        table: The table.
        note: What has to be known to read it.
    """

    title: str
    table: DataTable
    note: str


@dataclass(frozen=True)
class NextStep:
    """A command that the reader may want to run.

    Args:
        title: What it is for.
        command: The command.
        note: What stands for what in it; may be empty.
    """

    title: str
    command: str
    note: str


@dataclass(frozen=True)
class Heading:
    """The words of a page.

    Args:
        title: What the page is about.
        subtitle: That in more words.
        notes: What has to be known before the results are read.
        key_figures: The result in short; none while there is none.
        about: Title of the facts.
        facts: Names and values that tell this one from others.
        next_step: What to do with it, or `None`.
        recipe: The recipe as text; empty if there is none.
    """

    title: str
    subtitle: str
    notes: tuple[str, ...]
    key_figures: tuple[KeyFigure, ...]
    about: str
    facts: tuple[tuple[str, str], ...]
    next_step: NextStep | None
    recipe: str
