# SPDX-License-Identifier: Apache-2.0
"""`tfsparse bench MODEL`: how fast a `.tflite` model runs on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tfsparse.cli import bench_output
from tfsparse.cli.console import progress_bar, report
from tfsparse.cli.options import Json, Runs, Runtime, RuntimeName, TfliteModel, Threads, Warmup


def bench_model(
    model: TfliteModel,
    against: Annotated[Path | None, typer.Option(help="The model to compare with, usually the dense one.")] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="An .npz file with the keys x_test and y_test, to run on. Without it the inputs are random."),
    ] = None,
    samples: Annotated[
        int | None, typer.Option(min=1, help="Labelled samples of --data to measure the accuracy on; all by default.")
    ] = None,
    runs: Runs = 100,
    warmup: Warmup = 10,
    threads: Threads = 1,
    runtime: Runtime = RuntimeName.auto,
    seed: Annotated[int, typer.Option(min=0, help="Seed of random inputs.")] = 0,
    layers: Annotated[
        bool, typer.Option("--layers/--no-layers", help="Time the layers too, after the models, in runs of their own.")
    ] = True,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw each layer over its dense time to this .svg, .png or .pdf file.", show_default=False),
    ] = None,
    json: Json = None,
) -> None:
    """Time a .tflite model, or two by turns in one process, and the winner operators inside.

    Random inputs are even in [0, 1): give --data for inputs as they are in use, since how many winners are zero, and
    skipped, depends on them. One sample a run, unless the model has a larger batch of its own. "fraction of the limit"
    is the speed-up times the ratio of the MACs: 100 % where every MAC saved is time saved. Layers are compared where
    the first model has winner operators and the second has none.

    Examples:

        tfsparse bench model.tflite

        tfsparse bench sparse.tflite --against dense.tflite --data mnist.npz --runs 500

        tfsparse bench sparse.tflite --against dense.tflite --json result.json

        tfsparse bench sparse.tflite --against dense.tflite --plot layers.svg
    """
    from tfsparse.bench import runner
    from tfsparse.datasets import load_npz
    from tfsparse.evaluation import steps_of

    if samples is not None and data is None:
        raise typer.BadParameter("there are no labelled samples without --data", param_hint="--samples")
    if plot is not None:
        _check_plot(plot, against, layers)
    dataset = None if data is None else load_npz(data, need_train=False)
    labels = None if dataset is None else dataset.y_test[:samples]
    steps = 0 if labels is None else steps_of(len(labels)) * (1 if against is None else 2)
    with progress_bar("Measuring", warmup + runs + steps) as advance:
        result = runner.bench(
            model,
            against,
            threads=threads,
            runs=runs,
            warmup=warmup,
            data=None if dataset is None else dataset.x_test,
            data_name="" if data is None else data.name,
            labels=labels,
            runtime=runtime.value,
            seed=seed,
            layers=layers,
            advance=advance,
        )
    compared = bench_output.layers_of(result, model)
    report(result, json, lambda: bench_output.print_result(result, compared))
    if plot is not None:
        bench_output.plot(result, compared, plot)


def _check_plot(plot: Path, against: Path | None, layers: bool) -> None:
    from tfsparse.pictures import check_picture

    if against is None or not layers:
        raise typer.BadParameter("a picture needs --against a dense model, and --layers", param_hint="--plot")
    check_picture(plot)
