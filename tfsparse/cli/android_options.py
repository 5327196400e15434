# SPDX-License-Identifier: Apache-2.0
"""Arguments that the commands about phones share."""

from __future__ import annotations

from typing import Annotated

import typer

Serials = Annotated[
    list[str],
    typer.Option(
        "--serial", "-s", help="Serial number of a phone; may be given several times.", show_default="the only phone"
    ),
]
Every = Annotated[bool, typer.Option("--all", help="Take every phone that is ready.")]
AdbPath = Annotated[str | None, typer.Option("--adb", help="The program adb, if it is not on the PATH.")]
