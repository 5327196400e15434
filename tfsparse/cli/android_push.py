# SPDX-License-Identifier: Apache-2.0
"""`tfsparse android push`: brings models and data to phones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.android_options import AdbPath, Every, Serials, choose_phones, on_each_phone
from tfsparse.cli.console import in_size, out, plain_table, progress_bar, report
from tfsparse.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tfsparse.android.push import Pushed


@dataclass(frozen=True)
class _PushedTo:
    """Serial number → what became of each file."""

    phones: Mapping[str, Sequence[Pushed]]


def android_push(
    models: Annotated[list[Path], typer.Argument(help="`.tflite` files.", show_default=False, metavar="MODEL...")],
    data: Annotated[
        Path | None,
        typer.Option(help="An .npz file with the keys x_test and y_test, which is fitted to the models' input."),
    ] = None,
    samples: Annotated[int | None, typer.Option(min=1, help="Only the first so many of --data.")] = None,
    layers: Annotated[
        bool, typer.Option("--layers", help="Bring for each dense model the one that times its layers, too.")
    ] = False,
    serials: Serials = [],  # noqa: B006
    every: Every = False,
    adb: AdbPath = None,
    json: Json = None,
) -> None:
    """Bring models, and labelled data, to one phone or several; what is there already is not sent again.

    The files go to /data/local/tmp/tfsparse, where the app looks for them.

    Examples:

        tfsparse android push sparse.tflite dense.tflite

        tfsparse android push sparse.tflite dense.tflite --data mnist.npz --samples 1000 --all
    """
    from tfsparse.android.adb import Adb
    from tfsparse.android.push import pack, push

    if samples is not None and data is None:
        raise typer.BadParameter("there are no samples without --data", param_hint="--samples")
    driver = Adb(adb)
    parcels = pack(models, data, samples, layers=layers)
    chosen = choose_phones(driver, serials, every)
    with progress_bar("Pushing", len(chosen) * len(parcels)) as advance:
        phones, status = on_each_phone(chosen, lambda serial: push(driver.connection(serial), parcels, advance))
    pushed = _PushedTo(phones)
    if phones:
        report(pushed, json, lambda: _print(pushed))
    raise typer.Exit(status)


def _print(pushed: _PushedTo) -> None:
    table = plain_table()
    for column in ("phone", "file"):
        table.add_column(column, overflow="fold")
    table.add_column("size", justify="right")
    table.add_column("")
    for serial, files in pushed.phones.items():
        for file in files:
            table.add_row(serial, file.remote, in_size(file.bytes), "pushed" if file.changed else "was there")
    out.print(table)
