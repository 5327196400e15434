# SPDX-License-Identifier: Apache-2.0
"""`tfsparse demo`: the whole way, measured."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from tfsparse.cli.console import err, out
from tfsparse.cli.demo_output import check_output, keep, result_table, shown_stage, summary
from tfsparse.cli.keras_inputs import start_keras
from tfsparse.cli.options import Runtime, RuntimeName, Threads
from tfsparse.models import find_model

_DIGITS_EPOCHS, _DATA_EPOCHS = (8, 6), (3, 2)


def demo(
    data: Annotated[
        Path | None,
        typer.Option(
            help="An .npz file with the keys x_train, y_train, x_test, y_test, such as Keras' mnist.npz. "
            "Without it: scikit-learn's digits."
        ),
    ] = None,
    model: Annotated[str, typer.Option(help="The network to train, one of `tfsparse models`.")] = "digits_net",
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs of dense training. Default: 8, with --data 3.")
    ] = None,
    finetune_epochs: Annotated[
        int | None, typer.Option(min=1, help="Epochs of finetuning. Default: 6, with --data 2.")
    ] = None,
    energy: Annotated[float, typer.Option(help="Share of the energy that the winners keep, in (0, 1].")] = 0.9995,
    pruned_maps: Annotated[
        float | None,
        typer.Option(help="Prune this share of the feature maps, in [0, 1), instead of going by the energy."),
    ] = None,
    weight_sparsity: Annotated[float, typer.Option(help="Share of the weights to prune, in [0, 1).")] = 0.5,
    batch_size: Annotated[int, typer.Option(min=1, help="Samples of a training step.")] = 32,
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights and shuffling.")] = 0,
    runs: Annotated[int, typer.Option(min=1, help="Timed runs of each model.")] = 300,
    threads: Threads = 1,
    runtime: Runtime = RuntimeName.auto,
    output: Annotated[
        Path | None,
        typer.Option(help="Folder to keep the models, the result as JSON and a picture of the table in."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files in the output folder.")] = False,
) -> None:
    """Train a network, make it sparse, convert it, and compare dense and sparse in the stock interpreter.

    On scikit-learn's digits this takes a minute or two on two cores; LeNet-4 on MNIST about a minute per epoch.
    The exit code is 1 where the sparse model is not faster, or loses more than 1 % accuracy.

    Examples:

        tfsparse demo

        tfsparse demo --output results

        tfsparse demo --data mnist.npz --model lenet4

        tfsparse demo --data mnist.npz --model lenet4 --pruned-maps 0.619 --weight-sparsity 0
    """
    if output is not None:
        check_output(output, overwrite)
    started = time.monotonic()
    network = find_model(model)
    from tfsparse.datasets import load_digits, load_npz

    dataset = load_digits() if data is None else load_npz(data)
    start_keras()
    from tfsparse.demo import DemoSettings, run_demo

    usual = _DIGITS_EPOCHS if data is None else _DATA_EPOCHS
    settings = DemoSettings(
        epochs=epochs or usual[0],
        finetune_epochs=finetune_epochs or usual[1],
        energy=energy,
        pruned_maps=pruned_maps,
        weight_sparsity=weight_sparsity,
        batch_size=batch_size,
        seed=seed,
        runs=runs,
        threads=threads,
        runtime=runtime.value,
    )
    with tempfile.TemporaryDirectory(prefix="tfsparse-demo-") as folder:
        result = run_demo(dataset, network.build, Path(folder), settings, shown_stage)
        if output is not None:
            keep(result, Path(folder), output, overwrite)
    out.print(result_table(result))
    out.print(f"\n{summary(result)} All in all {time.monotonic() - started:.0f} s.", soft_wrap=True)
    shortcoming = result.shortcoming()
    if shortcoming is not None:
        err.print(shortcoming, style="bold red")
        raise typer.Exit(1)
