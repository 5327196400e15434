# SPDX-License-Identifier: Apache-2.0
"""`tfsparse android pull`: fetches the results that are on phones."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.android_options import AdbPath, Every, Serials, choose_phones, on_each_phone
from tfsparse.cli.console import out, plain_table, report
from tfsparse.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfsparse.android.pull import Pulled


@dataclass(frozen=True)
class _AllPulled:
    results: Sequence[Pulled]


def android_pull(
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the results; each phone gets one inside.")
    ] = Path("phone-results"),
    remove: Annotated[
        bool, typer.Option("--remove", help="Delete on the phone what is safely here, compared by checksum.")
    ] = False,
    serials: Serials = [],  # noqa: B006
    every: Every = False,
    adb: AdbPath = None,
    json: Json = None,
) -> None:
    """Fetch the results that are not here yet. No file that is here is ever written over.

    Examples:

        tfsparse android pull

        tfsparse android pull --all --output results --remove
    """
    from tfsparse.android.adb import Adb
    from tfsparse.android.pull import pull

    driver = Adb(adb)
    chosen = choose_phones(driver, serials, every)
    pulled, status = on_each_phone(chosen, lambda serial: pull(driver.connection(serial), output, remove))
    found = _AllPulled([one for results in pulled.values() for one in results])
    if pulled:
        report(found, json, lambda: _print(found.results, output))
    raise typer.Exit(status)


def _print(results: Sequence[Pulled], output: Path) -> None:
    if not results:
        out.print("There are no results on the phone.")
        return
    table = plain_table(f"Results in {output}")
    for column in ("phone", "file", "", "on the phone"):
        table.add_column(column, overflow="fold")
    for one in results:
        table.add_row(one.serial, one.name, one.status, "deleted" if one.removed else "kept")
    out.print(table)
