# SPDX-License-Identifier: Apache-2.0
"""Arguments that the commands about phones share, and which phones they mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.console import err

if TYPE_CHECKING:
    from tfsparse.android.adb import Adb

Serials = Annotated[
    list[str],
    typer.Option(
        "--serial", "-s", help="Serial number of a phone; may be given several times.", show_default="the only phone"
    ),
]
Every = Annotated[bool, typer.Option("--all", help="Take every phone that is ready.")]
AdbPath = Annotated[str | None, typer.Option("--adb", help="The program adb, if it is not on the PATH.")]


def choose_phones(adb: Adb, serials: Sequence[str], every: bool) -> list[str]:
    """Serial numbers of the phones that are meant; with --all, those that are not ready are named and left out."""
    from tfsparse.android.device_list import READY, choose

    attached = adb.devices()
    if every and not serials:
        for phone in attached:
            if phone.state != READY:
                err.print(f"Note: phone {phone.serial} is left out: {phone.state}.", style="yellow", soft_wrap=True)
    return choose(attached, serials, every)
