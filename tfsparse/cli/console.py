# SPDX-License-Identifier: Apache-2.0
"""Where the commands print: results to standard output, everything else to standard error."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

_WIDTH_OF_A_FILE = 160


def _console(stream: TextIO) -> Console:
    """Names from files are printed as they are: never read as markup."""
    width = None if stream.isatty() else _WIDTH_OF_A_FILE
    return Console(stderr=stream is sys.stderr, width=width, highlight=False, markup=False, emoji=False)


out = _console(sys.stdout)
err = _console(sys.stderr)

STANDARD_OUTPUT = Path("-")
"""What stands for standard output where a file is asked for."""


@contextlib.contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error that goes away when done; yields what to call after each step."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(label, total=total)
        yield lambda: progress.advance(task)


def plain_table(title: str | None = None) -> Table:
    """A table in the one look that all commands share."""
    return Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="bold")


def report(result: Any, json_path: Path | None, print_table: Callable[[], None]) -> None:
    """Prints a result as a table; with a path writes it as JSON too, or instead if the path is `-`.

    Args:
        result: A dataclass, or an object with a method `to_json`.
        json_path: The file, `-` for standard output, or `None` for no JSON.
        print_table: Prints the result for people.
    """
    if json_path != STANDARD_OUTPUT:
        print_table()
    if json_path is None:
        return
    text = result.to_json() if hasattr(result, "to_json") else json.dumps(dataclasses.asdict(result), indent=2)
    if json_path == STANDARD_OUTPUT:
        print(text)
        return
    from tfsparse.conversion.files import write_atomically

    write_atomically(json_path, (text + "\n").encode())
    err.print(f"Wrote {json_path}")


def in_millions(macs: float) -> str:
    """MACs for a table, in millions.

    Example:

    >>> in_millions(12_345_678)
    '12.3M'
    """
    return f"{macs / 1e6:,.1f}M" if macs >= 1e5 else f"{macs / 1e6:,.3f}M"


def in_size(size: float) -> str:
    """Bytes for a table, in kB or MB.

    Example:

    >>> in_size(2048), in_size(12_345_678)
    ('2.0 kB', '12.3 MB')
    """
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB"
