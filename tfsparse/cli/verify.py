# SPDX-License-Identifier: Apache-2.0
"""`tfsparse verify`: does the `.tflite` file compute what the Keras model computes?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tfsparse.cli.console import err, out, report
from tfsparse.cli.keras_inputs import load_with_samples
from tfsparse.cli.options import Json, KerasModel, Runtime, RuntimeName, TestData


def verify(
    model: KerasModel,
    tflite: Annotated[Path, typer.Argument(help="The .tflite file made of it.", show_default=False, metavar="TFLITE")],
    data: TestData,
    samples: Annotated[int, typer.Option(min=1, help="Number of samples to compare on.")] = 16,
    tolerance: Annotated[
        float, typer.Option(help="Largest difference allowed, as a share of the largest magnitude in a tensor.")
    ] = 1e-4,
    runtime: Runtime = RuntimeName.auto,
    json: Json = None,
) -> None:
    """Compare a .keras model and its .tflite file on real inputs, and name the first layer that differs.

    The exit code is 1 where they differ.

    Examples:

        tfsparse verify model.keras model.tflite --data mnist.npz

        tfsparse verify model.keras model.tflite --data mnist.npz --samples 100 --runtime tensorflow
    """
    import tfsparse

    network, x = load_with_samples(model, data, samples)
    with err.status("Comparing"):
        result = tfsparse.verify(network, tflite, x, tolerance=tolerance, runtime=runtime.value)
    report(result, json, lambda: out.print(str(result), soft_wrap=True))
    if not result.passed:
        raise typer.Exit(1)
