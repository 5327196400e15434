# SPDX-License-Identifier: Apache-2.0
"""What each layer bears: accuracy with one layer turned down and all others dense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure

from tfsparse.report.chart import Chart, DataTable
from tfsparse.report.charts.axes import MOST_COLORS, below_or_by_depth, curve_color
from tfsparse.report.numbers import decimal, percent
from tfsparse.report.search_record import share_in, shown_setting
from tfsparse.report.theme import DENSE, WIDTH
from tfsparse.search.curves import WEIGHTS, WINNERS, Curve

if TYPE_CHECKING:
    from tfsparse.search.curves import Sensitivity
    from tfsparse.search.result import SearchResult

_WORDS = {
    WINNERS: ("What each layer bears", "winner rate", "share of winners among the channels or neurons that it reads"),
    WEIGHTS: ("What each layer's weights bear", "share of weights that stay", "share of its weights that stay"),
}
_LOSSES = (0.001, 0.005, 0.01, 0.05)


def sensitivity_curves(found: SearchResult) -> list[Chart]:
    """Draws a chart for winner rates and, if they were measured, one for weights."""
    by_kind = {kind: [curve for curve in found.sensitivity.curves if curve.kind == kind] for kind in _WORDS}
    # A layer has the same colour in both.
    layers = list(dict.fromkeys(curve.layers[0] for kind in (WEIGHTS, WINNERS) for curve in by_kind[kind]))
    return [_chart(kind, curves, layers, found) for kind, curves in by_kind.items() if curves]


def _chart(kind: str, curves: list[Curve], layers: list[str], found: SearchResult) -> Chart:
    title, axis, meaning = _WORDS[kind]
    setting = shown_setting(found)
    figure = Figure(figsize=(WIDTH, 3.6 + 0.1 * min(len(layers), MOST_COLORS)))
    axes = figure.subplots()
    for curve in curves:
        color = curve_color(layers.index(curve.layers[0]), len(layers))
        shares, accuracies = _points(curve, found.sensitivity)
        axes.plot(shares, accuracies, color=color, marker=".", label=f" {', '.join(curve.layers)}")
        if setting is not None:
            share = share_in(setting, curve)
            axes.plot(share, np.interp(share, shares, accuracies), "o", color=color, markersize=8)
    axes.axhline(100 * found.accuracy, color=DENSE.light, linestyle="--", linewidth=1, label=" dense network")
    axes.set_xlim(0, 1.02)
    axes.set_xlabel(axis)
    axes.set_ylabel("validation accuracy, %")
    below_or_by_depth(figure, axes, len(layers))
    which = "of the chosen setting" if found.chosen else "of the closest setting"
    return Chart(
        key=f"sensitivity-{kind}",
        title=title,
        caption=(
            f"Accuracy without finetuning while one layer alone is turned down: the {meaning}. The further left a "
            f"curve stays up, the more its layer can save. Large dots are at the shares {which}, where all layers are "
            "turned down together. The accuracy axis does not begin at 0."
        ),
        alt=_sentence(curves, found.accuracy),
        figure=figure,
        table=DataTable(
            ("layer", "of", *(f"lowest at {-100 * lost:g} points" for lost in _LOSSES), "in the setting"),
            [_row(curve, found, share_in(setting, curve)) for curve in curves],
        ),
    )


def _points(curve: Curve, found: Sensitivity) -> tuple[list[float], list[float]]:
    points = sorted(curve.points, key=lambda point: point.share)
    return [*(point.share for point in points), 1.0], [
        *(100 * point.accuracy for point in points),
        100 * found.accuracy,
    ]


def _row(curve: Curve, found: SearchResult, share: float) -> list[str]:
    lowest = (curve.lowest_share(found.accuracy - lost) for lost in _LOSSES)
    return [", ".join(curve.layers), f"{curve.units:,}", *(decimal(each, 3) for each in (*lowest, share))]


def _sentence(curves: list[Curve], accuracy: float) -> str:
    lowest = {", ".join(curve.layers): curve.lowest_share(accuracy - 0.01) for curve in curves}
    most, least = min(lowest, key=lowest.__getitem__), max(lowest, key=lowest.__getitem__)
    return (
        f"{len(curves)} curves. With {percent(0.01, digits=0)} of accuracy lost, {most} bears a share of "
        f"{lowest[most]:.2f}, {least} of {lowest[least]:.2f}"
    )
