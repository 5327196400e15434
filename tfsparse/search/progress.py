# SPDX-License-Identifier: Apache-2.0
"""Tells how far a search is: a bar on a terminal, elsewhere a line when a stage begins and ends."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def note(text: str) -> None:
    """Says a sentence on standard error."""
    Console(stderr=True, highlight=False, markup=False).print(text, soft_wrap=True)


@contextlib.contextmanager
def stage(label: str, steps: int | None, verbose: bool) -> Iterator[Callable[[], None]]:
    """Begins a stage; yields what to call after each of its steps.

    Args:
        label: What is being done.
        steps: How many steps it has; `None` for no bar.
        verbose: `False` tells nobody.
    """
    if not verbose:
        yield lambda: None
        return
    console = Console(stderr=True, highlight=False, markup=False)
    started = time.monotonic()
    if steps is not None and sys.stderr.isatty():
        columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task(label, total=steps)
            yield lambda: progress.advance(task)
    else:
        console.print(f"{label} ..." if steps is None else f"{label}: {steps} steps ...")
        yield lambda: None
    console.print(f"{label}: {time.monotonic() - started:.1f} s")
