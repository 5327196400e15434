# SPDX-License-Identifier: Apache-2.0
"""Tables as plain text, for reports that are printed, logged and compared alike."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence

from rich import box
from rich.console import Console
from rich.table import Table


def render_table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int] = ()) -> str:
    """Lays out rows in columns.

    Args:
        header: Names of the columns.
        rows: Cells of each row, as many as there are columns.
        numbers: Columns to align right, counted from 0.

    Returns:
        The table, its lines joined by newlines, as wide as it needs to be.

    Example:

    >>> print(render_table(["layer", "MACs"], [["conv", "12"], ["dense", "5"]], numbers=[1]))
     layer   MACs
    ──────────────
     conv      12
     dense      5
    """
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for index, name in enumerate(header):
        table.add_column(name, justify="right" if index in numbers else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console = Console(file=io.StringIO(), width=1000, color_system=None, markup=False, highlight=False, emoji=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().rstrip().splitlines())
