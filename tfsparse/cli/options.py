# SPDX-License-Identifier: Apache-2.0
"""Arguments that several commands share."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer


class RuntimeName(str, Enum):
    """Interpreter packages, as in `tfsparse.Interpreter`."""

    auto = "auto"
    ai_edge_litert = "ai_edge_litert"
    tensorflow = "tensorflow"
    tflite_runtime = "tflite_runtime"


TfliteModel = Annotated[Path, typer.Argument(help="A `.tflite` file.", show_default=False, metavar="MODEL")]
KerasModel = Annotated[Path, typer.Argument(help="A `.keras` file.", show_default=False, metavar="MODEL")]
Runtime = Annotated[RuntimeName, typer.Option(help="Interpreter package; `auto` takes the first that is installed.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads of one run.")]
Runs = Annotated[int, typer.Option(min=1, help="Timed runs of each model.")]
Warmup = Annotated[int, typer.Option(min=0, help="Runs of each model before, not timed.")]
Json = Annotated[
    Path | None,
    typer.Option("--json", help="Write the result to this file as JSON; `-` prints it instead of the table."),
]
TestData = Annotated[
    Path,
    typer.Option("--data", help="An `.npz` file with the keys x_test and y_test. uint8 images are scaled to [0, 1]."),
]
