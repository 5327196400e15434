# SPDX-License-Identifier: Apache-2.0
"""`tfsparse report`: the page of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tfsparse.cli.console import err, out
from tfsparse.cli.keras_inputs import start_keras
from tfsparse.report.report import SAMPLES, write_report

DIGITS = "digits"


def report(
    run: Annotated[Path, typer.Argument(help="Folder of a run of `tfsparse train`.", show_default=False)],
    data: Annotated[
        str | None,
        typer.Option(
            help=f"The data that the run was trained on, as for `tfsparse train`; `{DIGITS}` for what it takes without "
            "one. With it, much more is measured and shown.",
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="The page to write. Without it: `report.html` in the folder of the run.")
    ] = None,
    png: Annotated[Path | None, typer.Option(help="Write the charts as PNG files to this folder, too.")] = None,
    samples: Annotated[int, typer.Option(min=1, help="Number of samples to measure on.")] = SAMPLES,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
) -> None:
    """Show a run as one HTML page: its results by stage, and charts of what became sparse.

    The page is one file without scripts that loads nothing from elsewhere, so it can be sent and kept. A run that is
    not finished is shown as far as it has come.

    Without --data: accuracy against MACs, the search for winner rates with the energies it went by, and the history of
    the training. With it also MACs and their drop by layer, who wins how often, and the activations before and after.

    Examples:

        tfsparse report run

        tfsparse report run --data mnist.npz --samples 1000

        tfsparse report run --data digits --output run.html --png charts
    """
    dataset = None
    if data is not None:
        from tfsparse.datasets import load_dataset

        dataset = load_dataset(None if data == DIGITS else data)
        start_keras()
    written = write_report(
        run,
        dataset,
        output=output,
        png=png,
        samples=samples,
        overwrite=overwrite,
        note=lambda text: err.print(f"{text} ..."),
    )
    for reason in dict.fromkeys(each.reason for each in written.absent):
        titles = ", ".join(each.title for each in written.absent if each.reason == reason)
        err.print(f"Not shown: {titles}. {reason}", soft_wrap=True)
    for picture in written.pictures:
        err.print(f"Wrote {picture}", soft_wrap=True)
    out.print(written.page, soft_wrap=True)
