# SPDX-License-Identifier: Apache-2.0
"""What a measurement shows: the models side by side, their layers, and the picture of these."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tfsparse.cli.console import err, in_millions, in_size, out, plain_table
from tfsparse.cli.layer_table import print_layers

if TYPE_CHECKING:
    from tfsparse.bench.layer_comparison import LayerComparison
    from tfsparse.bench.result import BenchResult, Side


def layers_of(result: BenchResult, sparse: Path | None) -> list[LayerComparison]:
    """The layers that were timed in both models.

    Args:
        result: What was measured.
        sparse: The file of the sparse model, which tells the MACs of its layers; `None` if it is not at hand.
    """
    from tfsparse.bench.layer_comparison import compare_layers, mac_shares
    from tfsparse.conversion.flatbuffer import read_model

    if result.dense is None or not result.dense.operators:
        return []
    shares = None if sparse is None else mac_shares(read_model(sparse))
    return compare_layers(result.sparse.operators, result.dense.operators, shares)


def plot(result: BenchResult, layers: list[LayerComparison], path: Path) -> None:
    """Draws the layers, with what was measured where as the title."""
    from tfsparse.bench.layer_plot import plot_layers

    dense = result.dense.model if result.dense else ""
    where = result.machine.device if result.machine.phone else result.machine.soc
    plot_layers(layers, path, f"{result.sparse.model} against {dense}, {where}")
    err.print(f"Wrote {path}", soft_wrap=True)


def print_result(result: BenchResult, layers: list[LayerComparison]) -> None:
    """Prints tables and the comparison.

    Args:
        result: What was measured.
        layers: The layers that were timed in both models.
    """
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
    phone = f"{machine.device}, {machine.system}, " if machine.phone else ""
    return (
        f"{phone}{machine.soc} ({machine.cores} cores, {machine.architecture}{governor}), "
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
        ("finding winners", [_ranking(side) for side in sides]),
        ("peak memory", ["unknown" if size is None else in_size(size) for size in memory]),
        ("file", [in_size(side.bytes) for side in sides]),
        ("MACs", [in_millions(side.macs.computed) for side in sides]),
        ("accuracy", [_accuracy(side) for side in sides]),
    ]


def _ranking(side: Side) -> str:
    """Known where the operators were timed, or where there are no winners to find."""
    return f"{side.ranking_ms:.3f} ms" if side.operators or not side.winner_rates else "not timed"


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
