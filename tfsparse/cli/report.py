# SPDX-License-Identifier: Apache-2.0
"""`tfsparse report`: the page of a run or of a search."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tfsparse.cli.console import err, out
from tfsparse.cli.data_options import DIGITS, Download, ImageSize, read_data
from tfsparse.cli.keras_inputs import start_keras
from tfsparse.report.report import SAMPLES, write_report
from tfsparse.report.run_record import read_run
from tfsparse.report.search_record import is_search

Folder = Annotated[
    Path,
    typer.Argument(help="Folder of `tfsparse train` or of `tfsparse search`.", show_default=False, metavar="FOLDER"),
]
RunData = Annotated[
    str | None,
    typer.Option(
        metavar="DATA",
        help=f"The data that the run was trained on, as for `tfsparse train`; `{DIGITS}` for what it takes without "
        "one. With it, more is measured and shown.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="The page to write. Without it: `report.html` in the folder."),
]
Png = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Write the charts as PNG files to this folder, too.")]


def report(
    folder: Folder,
    data: RunData = None,
    image_size: ImageSize = None,
    download: Download = False,
    output: Output = None,
    png: Png = None,
    samples: Annotated[int, typer.Option(min=1, metavar="N", help="Number of samples to measure on.")] = SAMPLES,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
) -> None:
    """Show a run or a search as one HTML page: what came out, and charts of what became sparse.

    The page is one file without scripts that loads nothing from elsewhere, so it can be sent and kept. A run that is
    not finished is shown as far as it has come.

    Of a run without --data: accuracy against MACs, the search for winner rates with the energies it went by, MACs and
    their drop by layer, and the history of the training. With it also who wins how often, and the activations before
    and after. Of a search: everything that was tried, the chosen setting by layer, and what each layer bears.

    Examples:

        tfsparse report run

        tfsparse report run --data mnist.npz --samples 1000

        tfsparse report run --data digits --output run.html --png charts

        tfsparse report found
    """
    dataset = None
    if is_search(folder):
        if data is not None:
            err.print("--data is left aside: the page of a search needs none.")
    elif data is not None:
        read_run(folder)
        dataset = read_data(data, image_size, download)
        start_keras()
    written = write_report(
        folder,
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
