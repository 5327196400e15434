# SPDX-License-Identifier: Apache-2.0
"""The layers of a sparse and of a dense model as a table with bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from tfsparse.cli.console import out, plain_table

if TYPE_CHECKING:
    from tfsparse.bench.layer_comparison import LayerComparison

_BAR = 30
"""Characters for the time of the dense layer."""

_PRODUCTS, _RANKING, _SAVED, _BEYOND = "█", "▒", "·", "▶"


def print_layers(layers: list[LayerComparison]) -> None:
    """Prints what each layer takes, sparse beside dense; nothing where there is no layer.

    Args:
        layers: In the order of execution.
    """
    if not layers:
        return
    title = f"\nLayers, median milliseconds; bars: {_PRODUCTS} products, {_RANKING} ranking, {_SAVED} saved, of dense"
    table = plain_table(title)
    table.add_column("layer")
    limits = any(layer.mac_share is not None for layer in layers)
    for column in ("dense", "sparse", "ranking", "speed-up", *(("MACs left", "of the limit") if limits else ())):
        table.add_column(column, justify="right")
    table.add_column("")
    for layer in layers:
        shares = (layer.mac_share, layer.fraction_of_limit) if limits else ()
        table.add_row(
            layer.layer, f"{layer.dense_ms:.3f}", f"{layer.sparse_ms:.3f}",
            f"{layer.ranking_ms:.3f}" if layer.ranking_ms else "", f"{layer.speedup:.2f}x",
            *("" if share is None else f"{share:.0%}" for share in shares), _bar(layer),
        )  # fmt: skip
    out.print(table)


def _bar(layer: LayerComparison) -> Text:
    """The sparse layer's time as a part of the dense one's; an arrow where it is longer."""
    used = round(_BAR * layer.sparse_ms / layer.dense_ms)
    ranking = round(_BAR * layer.ranking_ms / layer.dense_ms)
    bar = (_PRODUCTS * (used - ranking) + _RANKING * ranking)[:_BAR].ljust(_BAR, _SAVED)
    if used > _BAR:
        bar = bar[:-1] + _BEYOND
    styles = {_PRODUCTS: "blue", _RANKING: "yellow", _SAVED: "dim", _BEYOND: "red"}
    return Text.assemble(*((character, styles[character]) for character in bar))
