# SPDX-License-Identifier: Apache-2.0
"""`tfsparse bench suite`: every figure that the kernels are judged by."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from tfsparse.cli.console import STANDARD_OUTPUT, out, plain_table, progress_bar, report
from tfsparse.cli.options import Json, Runtime, RuntimeName

if TYPE_CHECKING:
    from rich.table import Table

    from tfsparse.bench.suite.result import SectionResult, SuiteResult
    from tfsparse.bench.suite.rows import Row

_NOT_REACHED = 1

Lines = dict[tuple[str, str, str, str], list["Row"]]
"""Layer, shape, kernel and threads → the measurements at all winner rates."""

Number = TypeVar("Number", int, float)


def bench_suite(
    only: Annotated[list[str], typer.Option(help="Measure this section; may be given several times.")] = [],  # noqa: B006
    threads: Annotated[
        str | None, typer.Option(help="Numbers of threads, such as `1,2`, which is the default.")
    ] = None,
    rates: Annotated[
        str | None, typer.Option(help="Winner rates of the convolutions; `0.3,0.5,0.7` is the default.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A first look: one thread, one rate, few runs.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Leave with exit code 1 where a target is missed.")] = False,
    runtime: Runtime = RuntimeName.auto,
    json: Json = None,
) -> None:
    """Measure the winner operators against dense ones on layers and whole networks, and hold them to their targets.

    Dense and sparse run by turns in one process, finding the winners included. Where a share p of the work is left, the
    limit is a speed-up of 1/p; "share of the limit" is p * dense time / sparse time. Transforming 3x3 convolutions can
    pass it. With whole networks, p weights fully connected layers by the bytes of their weights.

    Sections: conv, winograd, pointwise, fully-connected, ranking, all-winning, zeros, networks,
    networks-3x3.

    Examples:

        tfsparse bench suite --json suite.json

        tfsparse bench suite --quick

        tfsparse bench suite --only conv --only winograd --threads 1 --rates 0.5
    """
    from tfsparse.bench.suite.run import find_sections, run_suite
    from tfsparse.bench.suite.settings import QUICK, Settings

    settings = dataclasses.replace(QUICK if quick else Settings(), runtime=runtime.value)
    if threads is not None:
        settings = dataclasses.replace(settings, threads=_numbers(threads, int, "threads"))
    if rates is not None:
        settings = dataclasses.replace(settings, rates=_numbers(rates, float, "rates"))
    show = (lambda _: None) if json == STANDARD_OUTPUT else _print_section
    result = run_suite(settings, find_sections(only), bar=progress_bar, show=show)
    report(result, json, lambda: _print_verdicts(result))
    if check and not all(verdict.reached for verdict in result.verdicts):
        raise typer.Exit(_NOT_REACHED)


def _numbers(text: str, kind: Callable[[str], Number], name: str) -> tuple[Number, ...]:
    from tfsparse.errors import InvalidArgumentError

    try:
        return tuple(dict.fromkeys(kind(part) for part in text.split(",")))
    except ValueError:
        raise InvalidArgumentError(f"Invalid `--{name}`.", expected="numbers and commas", received=text) from None


def _print_section(section: SectionResult) -> None:
    lines = _by_line(section.rows)
    out.print(f"{section.name}: {section.title}", style="bold", soft_wrap=True)
    if max(map(len, lines.values()), default=0) > 1:
        _print_rates(section, lines)
    else:
        _print_times(section, lines)
    out.print()


def _print_rates(section: SectionResult, lines: Lines) -> None:
    """One line for each layer, one column for each winner rate."""
    settings = sorted({row.setting for row in section.rows})
    table = _table(*(f"at {setting:g}" for setting in settings))
    for head, rows in lines.items():
        cells = {row.setting: f"{section.value(row):.3f}" for row in rows}
        table.add_row(*head, f"{rows[0].dense_ms:.3f}", *(cells.get(setting, "") for setting in settings))
    out.print(f"At each {section.setting}: {section.metric}", soft_wrap=True)
    out.print(table)


def _print_times(section: SectionResult, lines: Lines) -> None:
    """One line for each measurement."""
    table = _table("sparse ms", "speed-up", "MACs left", "work left", section.metric)
    for head, (row,) in lines.items():
        times = f"{row.dense_ms:.3f}", f"{row.sparse_ms:.3f}", f"{row.speedup.value:.2f}x"
        table.add_row(*head, *times, f"{row.mac_share:.1%}", f"{row.work:.1%}", f"{section.value(row):.3f}")
    out.print(table)


def _table(*columns: str) -> Table:
    table = plain_table()
    for column in ("", "shape", "kernel"):
        table.add_column(column)
    for column in ("threads", "dense ms", *columns):
        table.add_column(column, justify="right")
    return table


def _by_line(rows: list[Row]) -> Lines:
    lines: Lines = {}
    for row in rows:
        lines.setdefault((row.name, row.detail, row.kernel, str(row.threads)), []).append(row)
    return lines


def _print_verdicts(result: SuiteResult) -> None:
    machine = result.machine
    table = plain_table(
        f"{machine.soc} ({machine.cores} cores, {machine.architecture}), {result.runtime} "
        f"{result.versions['runtime']}, winner operators on {result.isa}"
    )
    table.add_column("section")
    table.add_column("target")
    for column in ("threads", "must be", "is", ""):
        table.add_column(column, justify="right")
    for verdict in result.verdicts:
        bound = f"{'≥' if verdict.is_floor else '≤'} {verdict.bound:g}"
        mark = "reached" if verdict.reached else "NOT reached"
        table.add_row(verdict.section, verdict.what, str(verdict.threads), bound, f"{verdict.value:.3f}", mark)
    out.print(table)
