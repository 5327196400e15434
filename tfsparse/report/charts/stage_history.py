# SPDX-License-Identifier: Apache-2.0
"""Loss and accuracy of every epoch, through all stages."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from tfsparse.report.chart import Absent, Chart, DataTable
from tfsparse.report.charts.axes import below
from tfsparse.report.numbers import NONE, decimal, percent
from tfsparse.report.run_record import Row, RunRecord
from tfsparse.report.theme import BAND, INK, WIDTH, series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TITLE = "History of the training"
_LINE = 10
_SPLITS = (("", "training", "-", 0), ("val_", "validation", "--", 1))


def stage_history(run: RunRecord) -> Chart | Absent:
    """Draws loss and accuracy by epoch; a line breaks where training begins anew from other weights."""
    rows = [{"stage": stage.name, **row} for stage in run.stages for row in stage.history]
    if not rows:
        return Absent(TITLE, "No epoch of the run is finished.")
    figure = Figure(figsize=(WIDTH, 4.6))
    upper, lower = figure.subplots(2, 1, sharex=True)
    _draw(upper, rows, "loss", 1.0)
    _draw(lower, rows, "accuracy", 100.0)
    _name_stages(upper, rows)
    _shade_stages(lower, rows)
    losses = [row[name] for row in rows for name in ("loss", "val_loss") if name in row]
    upper.set_ylim(0, 1.08 * max(losses, default=1.0) or 1.0)
    upper.set_ylabel("loss")
    lower.set_ylabel("accuracy, %")
    lower.set_xlabel("epochs, of all stages")
    lower.set_xlim(0.5, len(rows) + 0.5)
    lower.xaxis.get_major_locator().set_params(integer=True)
    for _, label, style, color in _SPLITS:
        lower.plot([], [], linestyle=style, color=series(color), label=label)
    below(lower, columns=2)
    return Chart(
        key="history",
        title=TITLE,
        caption=(
            "A line breaks where a stage or one of its rounds begins. The loss axis begins at 0 and counts penalties "
            "in; the accuracy axis does not begin at 0."
        ),
        alt=_sentence(rows),
        figure=figure,
        table=DataTable(
            ("stage", "part", "epoch", "loss", "validation loss", "accuracy", "validation accuracy"),
            [_cells(row) for row in rows],
        ),
    )


def _draw(axes: Axes, rows: list[Row], name: str, factor: float) -> None:
    numbered = list(enumerate(rows, start=1))
    for _, leg in groupby(numbered, key=lambda item: (item[1]["stage"], item[1].get("leg"))):
        epochs = list(leg)
        places = [place for place, _ in epochs]
        marker = "." if len(epochs) < 25 else None
        for prefix, _, style, color in _SPLITS:
            values = [factor * row.get(prefix + name, float("nan")) for _, row in epochs]
            axes.plot(places, values, linestyle=style, color=series(color), marker=marker)


def _shade_stages(axes: Axes, rows: list[Row]) -> list[tuple[str, float, float]]:
    """Shades every other stage, and returns where each begins and ends."""
    spans, start = [], 0.5
    for index, (name, group) in enumerate(groupby(rows, key=lambda row: row["stage"])):
        end = start + len(list(group))
        if index % 2:
            axes.axvspan(start, end, color=BAND.light, linewidth=0, zorder=0)
        spans.append((name, start, end))
        start = end
    return spans


def _name_stages(axes: Axes, rows: list[Row]) -> None:
    for index, (name, start, end) in enumerate(_shade_stages(axes, rows)):
        place = ((start + end) / 2, 1.0)
        axes.annotate(
            name,
            place,
            (0, 4 + _LINE * (index % 2)),  # neighbours may be wider than their stages
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            ha="center",
            size=8,
            color=INK.light,
        )


def _cells(row: Row) -> list[str]:
    losses = (decimal(row.get(name), 4) for name in ("loss", "val_loss"))
    accuracies = (percent(row.get(name)) for name in ("accuracy", "val_accuracy"))
    return [row["stage"], str(row.get("leg", NONE)), f"{row['epoch']:.0f}", *losses, *accuracies]


def _sentence(rows: list[Row]) -> str:
    stages = len({row["stage"] for row in rows})
    last = percent(rows[-1].get("val_accuracy"))
    return f"{len(rows)} epochs in {stages} stage(s), the last one at {last} validation accuracy"
