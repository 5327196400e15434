# SPDX-License-Identifier: Apache-2.0
"""`tfsparse convert`: from a `.keras` file to a `.tflite` file."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tfsparse.cli.console import err, out, report
from tfsparse.cli.keras_inputs import load_with_samples, start_keras
from tfsparse.cli.options import Json, KerasModel
from tfsparse.errors import InvalidArgumentError

if TYPE_CHECKING:
    import keras
    import numpy as np


class Lowering(str, Enum):
    """What becomes of winners-take-all layers, as in `tfsparse.convert`."""

    custom = "custom"
    builtin = "builtin"


class SkipZeros(str, Enum):
    """Which layers skip the zeros of their input, as in `tfsparse.convert`."""

    auto = "auto"
    all = "all"
    none = "none"


class Kernel(str, Enum):
    """How convolutions may be computed, as in `tfsparse.convert`."""

    auto = "auto"
    direct = "direct"


_SAMPLES = 32

_SKIP_ZEROS: dict[SkipZeros, Literal["auto"] | bool] = {
    SkipZeros.auto: "auto",
    SkipZeros.all: True,
    SkipZeros.none: False,
}


Output = Annotated[Path, typer.Option("--output", "-o", help="The .tflite file to write.", show_default=False)]
LoweringOption = Annotated[
    Lowering,
    typer.Option(
        help="`custom`: operators that compute the winners alone. `builtin`: the same results on any runtime, "
        "without the native library, but nothing is saved."
    ),
]
SkipZerosOption = Annotated[
    SkipZeros,
    typer.Option(
        help="Layers that shall skip the zeros of their input. `auto`: with --calibration, those in whose input at "
        "least half are zeros; without, those behind a FATReLU, or behind a layer whose activities are regularized "
        "by TransformedL1, HoyerSquare or l1, however many zeros there are. `all`: all but the first."
    ),
]
Calibration = Annotated[
    Path | None,
    typer.Option(
        help="An .npz file with the keys x_test and y_test, on whose first samples the zeros in the input of each "
        "layer are counted. uint8 images are scaled to [0, 1].",
    ),
]
Samples = Annotated[
    int | None, typer.Option(min=1, help=f"Samples of --calibration. Default: {_SAMPLES}.", show_default=False)
]
AccelerateDense = Annotated[
    bool,
    typer.Option(
        "--accelerate-dense",
        help="Let the native library compute 3x3 convolutions without winners too, by Winograd's algorithm where "
        "that is faster.",
    ),
]
KernelOption = Annotated[
    Kernel, typer.Option(help="`direct`: never transform a convolution. `auto`: wherever it is faster.")
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the output if it exists.")]


def convert(
    model: KerasModel,
    output: Output,
    lowering: LoweringOption = Lowering.custom,
    skip_zeros: SkipZerosOption = SkipZeros.auto,
    calibration: Calibration = None,
    samples: Samples = None,
    accelerate_dense: AccelerateDense = False,
    kernel: KernelOption = Kernel.auto,
    overwrite: Overwrite = False,
    json: Json = None,
) -> None:
    """Convert a .keras model to .tflite, and report what became of each layer.

    Examples:

        tfsparse convert model.keras -o model.tflite

        tfsparse convert model.keras -o model.tflite --overwrite --json report.json

        tfsparse convert model.keras -o stock.tflite --lowering builtin

        tfsparse convert fatrelu.keras -o model.tflite --calibration mnist.npz

        tfsparse convert fatrelu.keras -o model.tflite --skip-zeros all --accelerate-dense
    """
    import tfsparse
    from tfsparse.conversion.files import check_writable
    from tfsparse.conversion.keras_source import check_keras_path

    check_keras_path(model)
    check_writable(output, overwrite)
    source, x = _source(model, calibration, samples)
    with err.status("Converting"):
        result = tfsparse.convert(
            source,
            output,
            lowering=lowering.value,
            skip_zeros=_SKIP_ZEROS[skip_zeros],
            calibration=x,
            accelerate_dense=accelerate_dense,
            kernel=kernel.value,
            overwrite=overwrite,
        )
    report(result, json, lambda: out.print(str(result), soft_wrap=True))


def _source(model: Path, calibration: Path | None, samples: int | None) -> tuple[Path | keras.Model, np.ndarray | None]:
    """What to convert, and what to measure on."""
    if calibration is not None:
        return load_with_samples(model, calibration, samples or _SAMPLES)
    if samples is not None:
        raise InvalidArgumentError(
            "`--samples` counts the samples of `--calibration`.", expected="--calibration", received="--samples alone"
        )
    start_keras()
    return model, None
