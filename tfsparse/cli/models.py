# SPDX-License-Identifier: Apache-2.0
"""`tfsparse models`: the networks that can be trained by name."""

from __future__ import annotations

from tfsparse.cli.console import in_millions, out, plain_table
from tfsparse.models import MODELS


def models() -> None:
    """List the networks that other commands know by name, with their parameters and MACs.

    MACs are multiply-accumulates for one image of the size shown; a network takes other sizes too.

    Examples:

        tfsparse models
    """
    table = plain_table()
    for column in ("model", "input", "classes", "parameters", "MACs"):
        table.add_column(column, justify="left" if column == "model" else "right", no_wrap=True)
    table.add_column("what it is")
    for entry in MODELS.values():
        size = "x".join(map(str, entry.input_shape))
        cost = in_millions(entry.parameters), in_millions(entry.macs)
        table.add_row(entry.name, size, str(entry.num_classes), *cost, entry.summary)
    out.print(table)
