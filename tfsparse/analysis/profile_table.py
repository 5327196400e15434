# SPDX-License-Identifier: Apache-2.0
"""How a profile looks in print."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from tfsparse.analysis.profile import LayerProfile, Profile

_COLUMNS = ("Parameters", "MACs", "after WTA", "effective", "Winners", "Weight zeros", "Input zeros")
_TEXT_WIDTH = 160


def profile_table(profile: Profile) -> Table:
    """The layers with MACs as rows, the others in one row, and the totals; MACs are per sample."""
    samples = "1 sample" if profile.samples == 1 else f"{profile.samples} samples"
    table = Table(
        title=f"{profile.model}: MACs per sample, zeros on {samples}",
        caption="\n".join(profile.notes) or None,
        box=SIMPLE_HEAD,
        show_footer=True,
    )
    table.add_column("Layer", footer="Total", overflow="fold")
    table.add_column("Kind")
    table.add_column("Output", no_wrap=True)
    for title, footer in zip(_COLUMNS, _totals(profile), strict=True):
        table.add_column(title, footer=footer, justify="right", no_wrap=True)
    others = [layer for layer in profile.layers if not layer.macs]
    for layer in profile.layers:
        if layer.macs:
            table.add_row(*_cells(layer))
    if others:
        parameters = f"{sum(layer.parameters for layer in others):,}"
        table.add_row(f"{len(others)} without MACs", "", "", parameters, *[""] * (len(_COLUMNS) - 1))
    return table


def as_text(table: Table) -> str:
    """A table as plain text."""
    console = Console(file=io.StringIO(), width=_TEXT_WIDTH, color_system=None)
    with console.capture() as capture:
        console.print(table)
    return "\n".join(line.rstrip() for line in capture.get().splitlines()).strip("\n")


def _cells(layer: LayerProfile) -> list[str]:
    return [
        layer.name,
        layer.kind if layer.calls == 1 else f"{layer.kind}, {layer.calls} calls",
        " x ".join(map(str, layer.output_shape)),
        f"{layer.parameters:,}",
        *_macs(layer),
        f"{layer.winners}/{layer.units}" if layer.winners is not None else "",
        _percent(layer.weight_sparsity),
        _percent(layer.input_sparsity),
    ]


def _totals(profile: Profile) -> list[str]:
    return [
        f"{profile.parameters:,}",
        *_macs(profile),
        "",
        _percent(profile.weight_sparsity),
        _percent(profile.activation_sparsity),
    ]


def _macs(counted: LayerProfile | Profile) -> list[str]:
    return [f"{round(macs):,}" for macs in (counted.macs, counted.macs_after_wta, counted.effective_macs)]


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.1f} %"
