# SPDX-License-Identifier: Apache-2.0
"""`tfsparse bench probes`: a dense model whose layers can be timed one by one, here or on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tfsparse.cli.console import out
from tfsparse.cli.options import TfliteModel


def bench_probes(
    model: TfliteModel,
    like: Annotated[
        Path | None,
        typer.Option(help="The sparse model of the same network: layers are then called as in it.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; by default MODEL.layers.tflite.", show_default=False),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an existing file.")] = False,
) -> None:
    """Write a dense model with a probe between its layers, so that any interpreter tells the time of each.

    `tfsparse bench SPARSE --against DENSE` does this by itself, in memory; a phone needs the file. It computes what the
    dense model computes, and needs the native library, as a model with winner operators does.

    Examples:

        tfsparse bench probes dense.tflite --like sparse.tflite

        tfsparse bench dense.layers.tflite
    """
    from tfsparse.bench.probes import add_probes
    from tfsparse.conversion.files import check_writable, write_atomically

    path = output or model.with_suffix(f".layers{model.suffix}")
    check_writable(path, overwrite)
    write_atomically(path, add_probes(model, like))
    out.print(f"Wrote {path}", soft_wrap=True)
