# SPDX-License-Identifier: Apache-2.0
"""`tfsparse compare`: whether a stored benchmark result is faster or slower than another."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from tfsparse.cli.console import out, plain_table, report
from tfsparse.cli.options import Json

if TYPE_CHECKING:
    from tfsparse.bench.comparison import Comparison, ComparisonReport, Verdict

_SLOWER = 1
_FAIL = "--fail-if-slower"

_ONCE = (
    "Note: measured once, so a small difference may be chance: repeat both three times or more and give the folders."
)


class PercentMayBeLeftOut(TyperCommand):
    """A command whose option `--fail-if-slower` stands for 0 percent where no number follows."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the number where it was left out."""
        filled: list[str] = []
        for position, argument in enumerate(args):
            filled.append(argument)
            if argument == _FAIL and not _is_number(args[position + 1 : position + 2]):
                filled.append("0")
        return super().parse_args(ctx, filled)


def _is_number(words: list[str]) -> bool:
    try:
        return bool(words) and float(words[0]) is not None
    except ValueError:
        return False


def _finite(percent: float | None) -> float | None:
    if percent is not None and not math.isfinite(percent):
        raise typer.BadParameter(f"{percent} is not a finite number")
    return percent


def compare(
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Results that `tfsparse bench --json` or the app wrote: a file, or a folder of repeats.",
            show_default=False,
            metavar="RESULT...",
        ),
    ],
    confidence: Annotated[
        float, typer.Option(min=0.5, max=0.9999, help="How often an interval holds the true ratio.")
    ] = 0.95,
    fail_if_slower: Annotated[
        float | None,
        typer.Option(
            _FAIL,
            min=0,
            callback=_finite,
            metavar="[PERCENT]",
            help="Leave with exit code 1 where the sparse model or its speed-up is shown worse by more than this.",
            show_default=False,
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Compare measurements with the first one: faster, slower, or no difference shown.

    The verdict is about the medians. It says faster or slower only where the interval of their ratio leaves out 1.

    Measure each three times or more, by turns, and give the folders of the results: the interval then comes from what
    the repeats differ by (Welch's test on the logarithms of the medians). Of single results the noise inside is all
    that is known; what changes from one start of a program to the next can be many times as large, and is mistaken for
    a difference.

    Examples:

        tfsparse compare before.json after.json

        tfsparse compare before/ after/ --json changes.json

        tfsparse compare before.json after.json --fail-if-slower 2
    """
    from tfsparse.bench import comparison
    from tfsparse.bench.reading import read_results

    found = comparison.compare([(str(path), read_results(path)) for path in results], confidence)
    report(found, json, lambda: _print(found))
    if fail_if_slower is not None and any(one.is_slower_by(fail_if_slower) for one in found.comparisons):
        raise typer.Exit(_SLOWER)


def _print(found: ComparisonReport) -> None:
    for comparison in found.comparisons:
        _print_one(comparison, found.confidence)


def _print_one(comparison: Comparison, confidence: float) -> None:
    base, new = comparison.repeats
    title = f"{comparison.new} ({_counted(new)}) beside {comparison.base} ({_counted(base)})"
    table = plain_table(title)
    table.add_column("median")
    for column in ("first", "other", "ratio", f"{confidence:.4g} interval", "verdict"):
        table.add_column(column, justify="right")
    for verdict in comparison.verdicts:
        table.add_row(verdict.what, *_cells(verdict))
    out.print(table)
    if not comparison.is_repeated:
        out.print(_ONCE, style="yellow", soft_wrap=True)
    for warning in comparison.warnings:
        out.print(f"Note: {warning}.", style="yellow", soft_wrap=True)
    out.print()


def _counted(results: int) -> str:
    return "1 result" if results == 1 else f"{results} results"


def _cells(verdict: Verdict) -> list[str]:
    unit = "{:.2f}x" if verdict.what == "speed-up" else "{:.3f} ms"
    ratio = verdict.ratio
    return [
        unit.format(verdict.base),
        unit.format(verdict.new),
        f"{ratio.value:.3f}",
        f"{ratio.low:.3f} to {ratio.high:.3f}",
        verdict.verdict,
    ]
