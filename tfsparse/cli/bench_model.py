# SPDX-License-Identifier: Apache-2.0
"""`tfsparse bench MODEL`: how fast a `.tflite` model runs on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.console import err, in_millions, in_size, out, plain_table, progress_bar, report
from tfsparse.cli.layer_table import print_layers
from tfsparse.cli.options import Json, Runs, Runtime, RuntimeName, TfliteModel, Threads, Warmup

if TYPE_CHECKING:
    from tfsparse.bench.layer_comparison import LayerComparison
    from tfsparse.bench.result import BenchResult, Side


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
    compared = _compared(model, result)
    report(result, json, lambda: _print(result, compared))
    if plot is not None:
        _plot(result, compared, plot)


def _check_plot(plot: Path, against: Path | None, layers: bool) -> None:
    from tfsparse.bench.layer_plot import check_plot

    if against is None or not layers:
        raise typer.BadParameter("a picture needs --against a dense model, and --layers", param_hint="--plot")
    check_plot(plot)


def _compared(model: Path, result: BenchResult) -> list[LayerComparison]:
    from tfsparse.bench.layer_comparison import compare_layers, mac_shares
    from tfsparse.conversion.flatbuffer import read_model

    if result.dense is None or not result.dense.operators:
        return []
    return compare_layers(result.sparse.operators, result.dense.operators, mac_shares(read_model(model)))


def _plot(result: BenchResult, layers: list[LayerComparison], path: Path) -> None:
    from tfsparse.bench.layer_plot import plot_layers

    dense = result.dense.model if result.dense else ""
    plot_layers(layers, path, f"{result.sparse.model} against {dense}, {result.machine.soc}")
    err.print(f"Wrote {path}", soft_wrap=True)


def _print(result: BenchResult, layers: list[LayerComparison]) -> None:
    sides = {"sparse" if result.dense else "model": result.sparse}
    if result.dense:
        sides["dense"] = result.dense
    out.print(_conditions(result), soft_wrap=True)
    out.print()
    table = plain_table()
    table.add_column("")
    for name, side in sides.items():
        table.add_column(f"{name}: {side.model}", justify="right")
    for label, cells in _rows(list(sides.values())):
        if any(cells):
            table.add_row(label, *cells)
    out.print(table)
    for name, side in sides.items():
        if name != "dense" or not layers:
            _print_operators(side)
    print_layers(layers)
    _print_comparison(result)


def _conditions(result: BenchResult) -> str:
    machine, versions = result.machine, result.versions
    isa = f", winner operators {versions['library']} on {result.isa}" if result.isa else ""
    governors = sorted({cpu.governor for cpu in machine.cpus if cpu.governor})
    governor = f", governor {' and '.join(governors)}" if governors else ""
    return (
        f"{machine.soc} ({machine.cores} cores, {machine.architecture}{governor}), "
        f"{result.runtime} {versions['runtime']}{isa}, "
        f"{result.threads} thread(s), {result.sparse.latency_ms.runs} runs on {result.input} input"
    )


def _rows(sides: list[Side]) -> list[tuple[str, list[str]]]:
    memory = [side.peak_memory_bytes for side in sides]
    return [
        ("delegate", [side.delegate for side in sides]),
        ("median", [f"{side.latency_ms.median:.3f} ms" for side in sides]),
        ("5 % to 95 %", [f"{side.latency_ms.p5:.3f} to {side.latency_ms.p95:.3f} ms" for side in sides]),
        ("mean ± deviation", [f"{side.latency_ms.avg:.3f} ± {side.latency_ms.std:.3f} ms" for side in sides]),
        ("first run", [f"{side.first_run_ms:.3f} ms" for side in sides]),
        ("initialization", [f"{side.init_ms:.3f} ms" for side in sides]),
        ("finding winners", [f"{side.ranking_ms:.3f} ms" for side in sides]),
        ("peak memory", ["unknown" if size is None else in_size(size) for size in memory]),
        ("file", [in_size(side.bytes) for side in sides]),
        ("MACs", [in_millions(side.macs.computed) for side in sides]),
        ("accuracy", [_accuracy(side) for side in sides]),
    ]


def _accuracy(side: Side) -> str:
    found = side.accuracy
    return "" if found is None else f"{found.correct / found.samples:.2%} of {found.samples}"


def _print_operators(side: Side) -> None:
    if not side.operators:
        return
    table = plain_table(f"\nOperators of {side.model}, median milliseconds of a run")
    phases = list(dict.fromkeys(phase for operator in side.operators for phase in operator.phases_ms))
    table.add_column("operator")
    table.add_column("layer")
    for column in ("total", *phases):
        table.add_column(column, justify="right")
    for operator in side.operators:
        times = [operator.total_ms, *(operator.phases_ms.get(phase, 0.0) for phase in phases)]
        table.add_row(operator.op, operator.layer, *(f"{value:.3f}" if value else "" for value in times))
    table.add_row("the rest", "", f"{side.rest_ms:.3f}")
    out.print(table)


def _print_comparison(result: BenchResult) -> None:
    if result.speedup is None:
        return
    speedup = result.speedup
    text = f"\nSpeed-up {speedup.value:.2f}x (95 % interval {speedup.low:.2f} to {speedup.high:.2f})"
    if result.mac_ratio is not None:
        text += f", MACs {result.mac_ratio:.1%} of dense, fraction of the limit {result.fraction_of_limit:.0%}"
    out.print(text, soft_wrap=True)
