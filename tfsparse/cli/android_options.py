# SPDX-License-Identifier: Apache-2.0
"""Arguments that the commands about phones share, and which phones they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from tfsparse.cli.console import err
from tfsparse.cli.errors import BAD_INPUT

if TYPE_CHECKING:
    from tfsparse.android.adb import Adb

_Done = TypeVar("_Done")

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

    if every and serials:
        raise typer.BadParameter("expected this or --serial, not both", param_hint="--all")
    attached = adb.devices()
    if every:
        for phone in attached:
            if phone.state != READY:
                err.print(f"Note: phone {phone.serial} is left out: {phone.state}.", style="yellow", soft_wrap=True)
    return choose(attached, serials, every)


def on_each_phone(serials: Sequence[str], work: Callable[[str], _Done]) -> tuple[dict[str, _Done], int]:
    """Works on one phone after the other; the error of one is printed and leaves the others.

    Returns:
        Serial number → what came of it, without those that failed; and the exit code.
    """
    from tfsparse.errors import PhoneError

    done: dict[str, _Done] = {}
    for serial in serials:
        try:
            done[serial] = work(serial)
        except PhoneError as error:
            err.print(f"Error: {error}", style="bold red", soft_wrap=True)
    return done, 0 if len(done) == len(serials) else BAD_INPUT
