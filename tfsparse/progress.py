# SPDX-License-Identifier: Apache-2.0
"""A progress bar for what takes a while, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

_SECONDS_WITHOUT_BAR = 2.0

Item = TypeVar("Item")


def with_progress(items: Iterable[Item], task: str, total: int | None = None) -> Iterator[Item]:
    """Passes `items` on and shows a bar, but only to a person and only once it has taken a while.

    Args:
        items: What is worked through.
        task: What is being done, beside the bar.
        total: Number of items, where it is known.

    Example:

    >>> list(with_progress("abc", "Read letters", total=3))
    ['a', 'b', 'c']
    """
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import Progress

    start = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(task, total=total, visible=False)
        for item in items:
            yield item
            progress.update(bar, advance=1, visible=time.monotonic() - start > _SECONDS_WITHOUT_BAR)
