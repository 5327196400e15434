# SPDX-License-Identifier: Apache-2.0
"""What `tfsparse android bench` shows while phones measure, and afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tfsparse.cli.console import err, out, plain_table

if TYPE_CHECKING:
    from tfsparse.android.phones_result import Line, PhoneReport, PhonesResult


@contextlib.contextmanager
def phone_bars(serials: Sequence[str]) -> Iterator[Callable[[str, str], None]]:
    """A line for each phone on standard error; yields what to call with a serial number and what the phone is doing.

    Where standard error is no terminal, there is a line for each thing that a phone does.
    """
    if not err.is_terminal:
        yield lambda serial, doing: err.print(f"{serial}: {doing}", soft_wrap=True)
        return
    columns = SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.fields[doing]}"), TimeElapsedColumn()
    with Progress(*columns, console=err, transient=True) as progress:
        tasks = {serial: progress.add_task(serial, total=None, doing="looking at it") for serial in serials}
        yield lambda serial, doing: progress.update(tasks[serial], doing=doing)


def print_phones(result: PhonesResult) -> None:
    """One table of all phones, and the errors below."""
    table = plain_table()
    for column in ("phone", "model", "status", "measured"):
        table.add_column(column, overflow="fold")
    for column in ("sparse", "dense", "speed-up", "accuracy"):
        table.add_column(column, justify="right")
    for phone in result.phones:
        model = phone.phone.model if phone.phone and phone.phone.model else ""
        lines: Sequence[Line | None] = phone.lines or [None]
        for line in lines:
            table.add_row(phone.serial, model, _status(phone), *_cells(line))
    out.print(table)
    for phone in result.phones:
        if phone.error:
            out.print(f"{phone.serial} {phone.status}: {phone.error}", style="red", soft_wrap=True)


def _status(phone: PhoneReport) -> str:
    return phone.status if phone.attempts < 2 else f"{phone.status} ({phone.attempts} attempts)"


def _cells(line: Line | None) -> list[str]:
    if line is None:
        return [""] * 5
    interval = "" if line.low is None or line.high is None else f" ({line.low:.2f} to {line.high:.2f})"
    return [
        line.what,
        "" if line.sparse_ms is None else f"{line.sparse_ms:.3f} ms",
        "" if line.dense_ms is None else f"{line.dense_ms:.3f} ms",
        "" if line.speedup is None else f"{line.speedup:.2f}x{interval}",
        "" if line.accuracy is None else f"{line.accuracy:.2%}",
    ]
