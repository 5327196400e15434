# SPDX-License-Identifier: Apache-2.0
"""`tfsparse bench layers`: how near single layers come to their limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.console import out, plain_table, progress_bar, report
from tfsparse.cli.options import Json, Runs, Runtime, RuntimeName, Threads, Warmup

if TYPE_CHECKING:
    from tfsparse.bench.layers import LayerReport, LayerResult


def bench_layers(
    rate: Annotated[list[float], typer.Option(help="Winner rate in (0, 1]; may be given several times.")] = [  # noqa: B006
        0.3,
        0.5,
        0.7,
    ],
    network: Annotated[list[str], typer.Option(help="Only layers of this network; may be given several times.")] = [],  # noqa: B006
    runs: Runs = 100,
    warmup: Warmup = 10,
    threads: Threads = 1,
    runtime: Runtime = RuntimeName.auto,
    json: Json = None,
) -> None:
    """Time single layers of well-known networks over their winners, each against the dense layer.

    Both run by turns in one process, finding the winners included. At winner rate p the limit is a speed-up of 1/p;
    "efficiency" is the share of it that is reached: p * dense time / sparse time.

    Examples:

        tfsparse bench layers

        tfsparse bench layers --network resnet18 --rate 0.5 --runs 500 --json layers.json
    """
    from tfsparse.bench import layers
    from tfsparse.bench.models.layers import load_shapes
    from tfsparse.errors import InvalidArgumentError

    shapes = load_shapes()
    known = list(dict.fromkeys(shape.network for shape in shapes))
    if set(network) - set(known):
        raise InvalidArgumentError("Unknown network.", expected=f"one of {', '.join(known)}", received=str(network))
    chosen = [shape for shape in shapes if shape.network in (network or known)]
    with progress_bar("Measuring", len(chosen) * len(rate)) as advance:
        result = layers.bench_layers(
            chosen, rate, threads=threads, runs=runs, warmup=warmup, runtime=runtime.value, advance=advance
        )
    report(result, json, lambda: _print(result, rate))


def _print(result: LayerReport, rates: list[float]) -> None:
    machine = result.machine
    out.print(
        f"{machine.soc} ({machine.cores} cores, {machine.architecture}), {result.runtime} {result.runtime_version}, "
        f"winner operators on {result.isa}, {result.threads} thread(s), {result.runs} runs\n",
        soft_wrap=True,
    )
    table = plain_table()
    table.add_column("layer")
    table.add_column("shape")
    for column in ("winners", "dense ms", "sparse ms", "ranking", "efficiency", "95 % interval"):
        table.add_column(column, justify="right")
    for layer in result.layers:
        table.add_row(*_cells(layer))
    out.print(table)
    out.print()
    for rate in rates:
        out.print(f"Geometric mean of the efficiency at winner rate {rate:g}: {result.mean_efficiency(rate):.3f}")
    for network in dict.fromkeys(layer.shape.network for layer in result.layers):
        mean = result.mean_efficiency(network=network)
        out.print(f"Geometric mean of the efficiency on {network}: {mean:.3f}")
    out.print(f"Geometric mean of the efficiency: {result.mean_efficiency():.3f}")


def _cells(layer: LayerResult) -> list[str]:
    shape = layer.shape
    return [
        f"{shape.network} {shape.layer}",
        str(shape),
        f"{layer.winner_rate:.1%}",
        f"{layer.dense_ms:.3f}",
        f"{layer.sparse_ms:.3f}",
        f"{layer.ranking_ms / layer.sparse_ms:.1%}",
        f"{layer.efficiency.value:.3f}",
        f"{layer.efficiency.low:.3f} to {layer.efficiency.high:.3f}",
    ]
