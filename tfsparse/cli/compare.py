# SPDX-License-Identifier: Apache-2.0
"""`tfsparse compare`: whether a stored benchmark result is faster or slower than another."""

from __future__ import annotations

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


def compare(
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Files that `tfsparse bench --json` or the app wrote.", show_default=False, metavar="FILE..."
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
            metavar="[PERCENT]",
            help="Leave with exit code 1 where the sparse model or its speed-up is shown worse by more than this.",
            show_default=False,
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Compare benchmark results with the first one: faster, slower, or no difference shown.

    The verdict is about the medians. It says faster or slower only where the interval of their ratio leaves out 1. With
    independent noise that happens by chance in 5 % of the comparisons of equals, for each figure, and in 12 % where
    neighbouring runs are much alike. The interval knows the noise within a file, not what changes from one day to the
    next: interleave measurements, or repeat them, before you trust a small difference. The speed-up was measured in
    pairs, so it suffers least.

    Examples:

        tfsparse compare before.json after.json

        tfsparse compare monday.json tuesday.json wednesday.json --json changes.json

        tfsparse compare before.json after.json --fail-if-slower 2
    """
    from tfsparse.bench import comparison
    from tfsparse.bench.reading import read_result

    found = comparison.compare([(str(path), read_result(path)) for path in results], confidence)
    report(found, json, lambda: _print(found))
    if fail_if_slower is not None and any(one.is_slower_by(fail_if_slower) for one in found.comparisons):
        raise typer.Exit(_SLOWER)


def _print(found: ComparisonReport) -> None:
    for comparison in found.comparisons:
        _print_one(comparison, found.confidence)


def _print_one(comparison: Comparison, confidence: float) -> None:
    table = plain_table(f"{comparison.new} beside {comparison.base}")
    table.add_column("median")
    for column in (comparison.base, comparison.new, "ratio", f"{confidence:.4g} interval", "verdict"):
        table.add_column(column, justify="right")
    for verdict in comparison.verdicts:
        table.add_row(verdict.what, *_cells(verdict))
    out.print(table)
    for warning in comparison.warnings:
        out.print(f"Note: {warning}.", style="yellow", soft_wrap=True)
    out.print()


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
