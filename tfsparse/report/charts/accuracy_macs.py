# SPDX-License-Identifier: Apache-2.0
"""Accuracy against multiply-accumulates, a point for each stage."""

from __future__ import annotations

from matplotlib.figure import Figure

from tfsparse.report.chart import Absent, Chart, DataTable
from tfsparse.report.charts.axes import accuracy_limits, below
from tfsparse.report.numbers import count, percent, scale_of
from tfsparse.report.run_record import RunRecord, StageRecord
from tfsparse.report.theme import DENSE, WIDTH, series

TITLE = "Accuracy against multiply-accumulates"


def accuracy_against_macs(run: RunRecord) -> Chart | Absent:
    """Draws each finished stage's test accuracy over the MACs that winners leave, and over those of non-zero pairs."""
    if not run.done:
        return Absent(TITLE, "No stage of the run is finished.")
    results = [stage.result or {} for stage in run.done]
    scale, unit = scale_of(max(result["macs"] for result in results))
    figure = Figure(figsize=(WIDTH, 3.8))
    axes = figure.subplots()
    for index, (stage, result) in enumerate(zip(run.done, results, strict=True)):
        accuracy, color = 100 * result["accuracy_test"], series(index)
        after, effective = result["macs_after_wta"] / scale, result["effective_macs"] / scale
        axes.plot([effective, after], [accuracy] * 2, color=color, linewidth=1)
        axes.plot(after, accuracy, "o", color=color, markersize=8, fillstyle="none")
        axes.plot(effective, accuracy, "o", color=color, markersize=8, label=f" {stage.name}")
    dense = results[0]["macs"] / scale
    axes.axvline(dense, color=DENSE.light, linestyle="--", linewidth=1, label=" MACs of the dense network")
    axes.set_xlim(0, 1.05 * dense)
    axes.set_ylim(*accuracy_limits([result["accuracy_test"] for result in results]))
    axes.set_xlabel(f"multiply-accumulates per sample, {unit}")
    axes.set_ylabel("test accuracy, %")
    below(axes, columns=2)
    return Chart(
        key="accuracy-macs",
        title=TITLE,
        caption=(
            "A filled circle is at the multiply-accumulates of a non-zero activation with a non-zero weight, the ring "
            "beside it at those that winners-take-all leaves. Further left is cheaper, further up more accurate. The "
            "accuracy axis does not begin at 0."
        ),
        alt="; ".join(_sentence(stage) for stage in run.done),
        figure=figure,
        table=DataTable(
            ("stage", "test accuracy", "validation accuracy", "MACs, dense", "after winners", "non-zero pairs"),
            [_row(stage) for stage in run.done],
        ),
    )


def _row(stage: StageRecord) -> list[str]:
    result = stage.result or {}
    accuracies = percent(result["accuracy_test"]), percent(result["accuracy_val"])
    return [
        stage.name,
        *accuracies,
        *(count(result[name]) for name in ("macs", "macs_after_wta", "effective_macs")),
    ]


def _sentence(stage: StageRecord) -> str:
    result = stage.result or {}
    share = percent(result["effective_macs"] / result["macs"], digits=1)
    return f"{stage.name}: {percent(result['accuracy_test'])} test accuracy with {share} of the MACs"
