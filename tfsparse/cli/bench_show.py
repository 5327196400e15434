# SPDX-License-Identifier: Apache-2.0
"""`tfsparse bench show`: a stored result as it was printed when it was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tfsparse.cli import bench_output


def bench_show(
    result: Annotated[
        Path,
        typer.Argument(help="A JSON file of `tfsparse bench` or of the app.", show_default=False, metavar="RESULT"),
    ],
    sparse: Annotated[
        Path | None,
        typer.Option(help="The sparse model: adds what the MACs of each layer allow.", show_default=False),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw each layer over its dense time to this .svg, .png or .pdf file.", show_default=False),
    ] = None,
) -> None:
    """Show a stored result, of this machine or of a phone: times, layers sparse beside dense, speed-up.

    Examples:

        tfsparse bench show result.json

        tfsparse bench show phone-results/pixel.json --sparse sparse.tflite --plot layers.svg
    """
    from tfsparse.bench.reading import read_result
    from tfsparse.pictures import check_picture

    if plot is not None:
        check_picture(plot)
    stored = read_result(result)
    layers = bench_output.layers_of(stored, sparse)
    bench_output.print_result(stored, layers)
    if plot is not None:
        bench_output.plot(stored, layers, plot)
