# SPDX-License-Identifier: Apache-2.0
"""`tfsparse profile`: MACs and sparsity of a Keras model, layer by layer."""

from __future__ import annotations

from typing import Annotated

import typer

from tfsparse.cli.console import out, report
from tfsparse.cli.keras_inputs import load_with_samples
from tfsparse.cli.options import Json, KerasModel, TestData


def profile(
    model: KerasModel,
    data: TestData,
    samples: Annotated[int, typer.Option(min=1, help="Number of samples to measure on.")] = 100,
    json: Json = None,
) -> None:
    """Count the MACs of a .keras model: dense, after winners-take-all, and of pairs that are not zero.

    Examples:

        tfsparse profile model.keras --data mnist.npz

        tfsparse profile model.keras --data mnist.npz --samples 1000 --json profile.json
    """
    import tfsparse

    network, x = load_with_samples(model, data, samples)
    result = tfsparse.profile(network, x)
    report(result, json, lambda: out.print(result))
