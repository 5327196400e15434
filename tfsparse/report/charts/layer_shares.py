# SPDX-License-Identifier: Apache-2.0
"""The setting that a search chose, layer by layer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from tfsparse.report.chart import Absent, Chart, DataTable
from tfsparse.report.charts.axes import below, row_height, rows_down
from tfsparse.report.numbers import NONE, percent
from tfsparse.report.search_record import share_in, shown_setting
from tfsparse.report.theme import BAND, WIDTH, series
from tfsparse.search.curves import WEIGHTS, WINNERS, Curve

if TYPE_CHECKING:
    from tfsparse.search.result import SearchResult

_BAR = 0.36
_LABELS = {WINNERS: " winners", WEIGHTS: " weights that stay"}


def layer_shares(found: SearchResult) -> Chart | Absent:
    """Draws for each layer the share of winners, and that of weights, in the chosen setting."""
    title = "The chosen setting by layer" if found.chosen else "The closest setting by layer"
    setting = shown_setting(found)
    if setting is None:
        return Absent(title, "Nothing that is cheaper than the dense network was tried: search with more --trials.")
    curves = {(curve.kind, ", ".join(curve.layers)): curve for curve in found.sensitivity.curves}
    # Weights first: all layers have them, so that these come in the order of the network.
    names = list(dict.fromkeys(name for wanted in (WEIGHTS, WINNERS) for kind, name in curves if kind == wanted))
    kinds = [kind for kind in _LABELS if any(of == kind for of, _ in curves)]
    shares = {key: share_in(setting, curve) for key, curve in curves.items()}
    figure = Figure(figsize=(WIDTH, 1.4 + row_height(len(names), 0.4)))
    axes = figure.subplots()
    for index, kind in enumerate(kinds):
        rows = [row for row, name in enumerate(names) if (kind, name) in curves]
        places = [row + (index - (len(kinds) - 1) / 2) * _BAR for row in rows]
        axes.barh(places, 100, _BAR, color=BAND.light)
        axes.barh(
            places, [100 * shares[kind, names[row]] for row in rows], _BAR, color=series(index), label=_LABELS[kind]
        )
    rows_down(axes, names)
    axes.set_xlim(0, 100)
    axes.set_xlabel("share, %")
    below(axes, columns=2)
    return Chart(
        key="layer-shares",
        title=title,
        caption=(
            "How many of the channels or neurons that a layer reads win"
            + (", and how many of its weights stay" if WEIGHTS in kinds else "")
            + ". A full bar is a layer that stays dense. Layers that read one mask have one bar."
        ),
        alt="; ".join(f"{name}: {percent(share, digits=0)} of the {kind}" for (kind, name), share in shares.items()),
        figure=figure,
        table=DataTable(
            ("layer", "winners", "winner rate", "weights that stay"),
            [[name, *_cells(name, curves, shares)] for name in names],
        ),
    )


def _cells(name: str, curves: dict[tuple[str, str], Curve], shares: dict[tuple[str, str], float]) -> list[str]:
    masked, weights = (WINNERS, name), (WEIGHTS, name)
    units = curves[masked].units if masked in curves else 0
    winners = [f"{round(shares[masked] * units):,} of {units:,}", f"{shares[masked]:.3f}"] if units else [NONE, NONE]
    return [*winners, percent(shares.get(weights), digits=0)]
