# SPDX-License-Identifier: Apache-2.0
"""Multiply-accumulates layer by layer, and what part of them falls away."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure

from tfsparse.report.chart import Absent, Chart, DataTable
from tfsparse.report.charts.axes import below, row_height, rows_down
from tfsparse.report.layer_counts import LayerCount, NetworkCount
from tfsparse.report.numbers import NONE, count, percent, scale_of
from tfsparse.report.theme import DENSE, WIDTH, series

TITLE = "Multiply-accumulates by layer"
DROPS = "FLOPs drop by layer"
_BAR = 0.26
_STEP = 0.14
_KINDS = (
    ("macs", "dense", DENSE.light),
    ("macs_after_wta", "after winners", series(0)),
    ("effective_macs", "non-zero pairs", series(1)),
)


def layer_macs(stage: str, counts: NetworkCount) -> Chart | Absent:
    """Draws three bars for each layer of one stage's network: dense, after winners-take-all, and non-zero pairs."""
    title = f"{TITLE} after {stage}"
    layers = counts.layers
    if not layers:
        return Absent(title, "The network has no layer whose multiply-accumulates are counted.")
    scale, unit = scale_of(max(layer.macs for layer in layers))
    figure = Figure(figsize=(WIDTH, 1.4 + row_height(len(layers), 0.45)))
    axes = figure.subplots()
    kinds = [kind for kind in _KINDS if kind[0] != "macs_after_wta" or counts.macs_after_wta < counts.macs]
    for index, (name, label, color) in enumerate(kinds):
        places = [row + (index - (len(kinds) - 1) / 2) * _BAR for row in range(len(layers))]
        widths = [getattr(layer, name) / scale for layer in layers]
        axes.barh(places, widths, _BAR, color=color, label=f" {label}")
    rows_down(axes, [layer.name for layer in layers])
    axes.set_xlim(left=0)
    axes.set_xlabel(f"multiply-accumulates per sample, {unit}")
    below(axes, columns=3)
    return Chart(
        key="layer-macs",
        title=title,
        caption=(
            "Dense: all of them. After winners: with the winning channels or neurons alone. Non-zero pairs: those of "
            f"a non-zero activation with a non-zero weight, counted on {counts.samples:,} test samples."
        ),
        alt=_sentence(counts),
        figure=figure,
        table=DataTable(
            ("layer", "kind", "dense", "after winners", "non-zero pairs", "winners", "weight zeros", "input zeros"),
            [_row(layer) for layer in layers],
        ),
    )


def layer_drops(stages: Mapping[str, NetworkCount]) -> Chart | Absent:
    """Draws for each layer what share of its multiply-accumulates meets a zero, a point for each stage."""
    names = list(dict.fromkeys(layer.name for counts in stages.values() for layer in counts.layers))
    if not names:
        return Absent(DROPS, "The network has no layer whose multiply-accumulates are counted.")
    drops = {stage: {layer.name: layer.drop for layer in counts.layers} for stage, counts in stages.items()}
    figure = Figure(figsize=(WIDTH, 1.4 + row_height(len(names), 0.36)))
    axes = figure.subplots()
    for index, (stage, of_layer) in enumerate(drops.items()):
        # Stages lie a little below each other, so that equal ones do not hide each other.
        shift = _STEP * (index - (len(drops) - 1) / 2)
        found = [(100 * of_layer[name], row + shift) for row, name in enumerate(names) if name in of_layer]
        marker = "osD^vPX*"[index % 8]
        axes.plot(*zip(*found, strict=True), marker, color=series(index), markersize=6, label=f" {stage}")
    rows_down(axes, names)
    axes.set_xlim(-1, 101)
    axes.set_xlabel("multiply-accumulates that meet a zero, %")
    below(axes, columns=2)
    overall = (f"{stage} {percent(counts.drop, digits=1)}" for stage, counts in stages.items())
    return Chart(
        key="layer-drops",
        title=DROPS,
        caption=(
            "Share of the dense network's multiply-accumulates in which the activation or the weight is zero; losers "
            "count as zeros. Further right, less is left to compute."
        ),
        alt=f"Of all multiply-accumulates fall away: {', '.join(overall)}",
        figure=figure,
        table=DataTable(
            ("layer", *drops),
            [
                *([name, *(percent(of_layer.get(name), digits=1) for of_layer in drops.values())] for name in names),
                ["all layers", *(percent(counts.drop, digits=1) for counts in stages.values())],
            ],
        ),
    )


def _row(layer: LayerCount) -> list[str]:
    macs = (count(value) for value in (layer.macs, layer.macs_after_wta, layer.effective_macs))
    winners = f"{layer.winners} of {layer.units}" if layer.winners is not None else NONE
    return [
        layer.name,
        layer.kind,
        *macs,
        winners,
        percent(layer.weight_sparsity, digits=1),
        percent(layer.input_sparsity, digits=1),
    ]


def _sentence(counts: NetworkCount) -> str:
    after, pairs = (percent(macs / counts.macs, digits=1) for macs in (counts.macs_after_wta, counts.effective_macs))
    return (
        f"Of {count(counts.macs)} multiply-accumulates of the dense network winners leave {after}, and {pairs} are "
        "pairs of non-zeros"
    )
