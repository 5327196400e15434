# SPDX-License-Identifier: Apache-2.0
"""`tfsparse convert`: from a `.keras` file to a `.tflite` file."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from tfsparse.cli.console import err, out, report
from tfsparse.cli.keras_inputs import start_keras
from tfsparse.cli.options import Json, KerasModel


class Lowering(str, Enum):
    """What becomes of winners-take-all layers, as in `tfsparse.convert`."""

    custom = "custom"
    builtin = "builtin"


def convert(
    model: KerasModel,
    output: Annotated[Path, typer.Option("--output", "-o", help="The .tflite file to write.", show_default=False)],
    lowering: Annotated[
        Lowering,
        typer.Option(
            help="`custom`: operators that compute the winners alone. `builtin`: the same results on any runtime, "
            "without the native library, but nothing is saved."
        ),
    ] = Lowering.custom,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output if it exists.")] = False,
    json: Json = None,
) -> None:
    """Convert a .keras model to .tflite, and report what became of each layer.

    Examples:

        tfsparse convert model.keras -o model.tflite

        tfsparse convert model.keras -o model.tflite --overwrite --json report.json

        tfsparse convert model.keras -o stock.tflite --lowering builtin
    """
    import tfsparse
    from tfsparse.conversion.files import check_writable
    from tfsparse.conversion.keras_source import check_keras_path

    check_keras_path(model)
    check_writable(output, overwrite)
    start_keras()
    with err.status("Converting"):
        result = tfsparse.convert(model, output, lowering=lowering.value, overwrite=overwrite)
    report(result, json, lambda: out.print(str(result), soft_wrap=True))
