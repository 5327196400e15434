# SPDX-License-Identifier: Apache-2.0
"""What `tfsparse train` ends with: a table and a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from tfsparse.cli.console import err, in_millions, plain_table

if TYPE_CHECKING:
    from tfsparse.recipes.accounting import StageResult


def results_table(name: str, stages: Sequence[StageResult]) -> Table:
    """Stages side by side: accuracy, multiplications, zeros."""
    table = plain_table(f"\n{name}")
    table.add_column("")
    for stage in stages:
        table.add_column(stage.stage, justify="right")
    rows = {
        "accuracy, test": [_share(each.accuracy_test) for each in stages],
        "accuracy, validation": [_share(each.accuracy_val) for each in stages],
        "MACs, dense": [in_millions(each.macs) for each in stages],
        "MACs after winners-take-all": [_part(each.macs_after_wta, each.macs) for each in stages],
        "MACs of non-zero pairs": [_part(each.effective_macs, each.macs) for each in stages],
        "zeros in weights": [_share(each.weight_zeros) for each in stages],
        "zeros after activation functions": [_share(each.activation_zeros) for each in stages],
        "feature maps pruned": [_share(each.pruned_feature_maps) for each in stages],
        "fc activations pruned": [_share(each.pruned_fc_activations) for each in stages],
        "epochs' time": [f"{each.seconds:,.0f} s" for each in stages],
    }
    for label, cells in rows.items():
        table.add_row(label, *cells)
    return table


def write_page(folder: Path) -> None:
    """Writes `report.html` into the folder of a run, or says why not: what was trained is there all the same.

    Args:
        folder: The folder.
    """
    from tfsparse.report import write_report

    try:
        page = write_report(folder).page
    except Exception as error:  # a drawing that fails must not make a training fail that took days
        err.print(f"{folder / 'report.html'} is not written: {error}", soft_wrap=True)
    else:
        err.print(f"Wrote {page}; `tfsparse report` with --data shows more.", soft_wrap=True)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2%}"


def _part(macs: float, dense: int) -> str:
    return f"{in_millions(macs)} ({macs / dense:.1%})"
