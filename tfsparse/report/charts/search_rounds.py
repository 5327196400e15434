# SPDX-License-Identifier: Apache-2.0
"""The rounds in which a stage looked for winner rates or penalties."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from tfsparse.report.chart import Chart, DataTable
from tfsparse.report.charts.axes import accuracy_limits, below
from tfsparse.report.numbers import count, percent, scale_of
from tfsparse.report.run_record import RunRecord, StageRecord
from tfsparse.report.theme import DENSE, MUTED, WIDTH, series


def search_rounds(run: RunRecord) -> list[Chart]:
    """Draws a chart for each stage that tried several settings."""
    return [_chart(stage, run) for stage in run.done if len(stage.facts.get("rounds", [])) > 1]


def _chart(stage: StageRecord, run: RunRecord) -> Chart:
    rounds, best = stage.facts["rounds"], stage.facts["best_round"] - 1
    baseline = (run.dense.result or {})["accuracy_val"]
    lines = baseline, baseline - stage.facts["accuracy_budget"]
    right = min(1.05 * rounds[0]["macs"], 1.25 * max(map(_left, rounds)))
    scale, unit = scale_of(right)
    figure = Figure(figsize=(WIDTH, 3.8))
    axes = figure.subplots()
    for passed, marker, color in ((True, "o", series(2)), (False, "X", series(4))):
        chosen = [each for each in rounds if each["passed"] is passed]
        if not chosen:
            continue
        label = " within the accuracy budget" if passed else " beyond it"
        macs = [_left(each) / scale for each in chosen]
        axes.plot(macs, [100 * each["accuracy"] for each in chosen], marker, color=color, markersize=8, label=label)
    taken = _left(rounds[best]) / scale, 100 * rounds[best]["accuracy"]
    axes.plot(*taken, "o", color=MUTED.light, markersize=15, fillstyle="none", label=" round that was taken")
    for number, each in enumerate(rounds, start=1):
        place = _left(each) / scale, 100 * each["accuracy"]
        axes.annotate(str(number), place, (0, 9), textcoords="offset points", ha="center", size=8)
    for value, style, label in zip(lines, ("--", ":"), (" dense network", " least accuracy allowed"), strict=True):
        axes.axhline(100 * value, color=DENSE.light, linestyle=style, linewidth=1, label=label)
    axes.set_xlim(0, right / scale)
    axes.set_ylim(*accuracy_limits([*lines, *(each["accuracy"] for each in rounds)]))
    axes.set_xlabel(f"multiply-accumulates left per sample, {unit}")
    axes.set_ylabel("validation accuracy, %")
    below(axes, columns=2)
    return Chart(
        key=f"rounds-{stage.name}",
        title=f"Search in {stage.name}",
        caption=(
            "Each point is one finetuning with winner rates or a penalty of its own, numbered in the order in which "
            f"they were tried. The dense network has {count(rounds[0]['macs'])} multiply-accumulates. The accuracy "
            "axis does not begin at 0."
        ),
        alt=_sentence(rounds, best),
        figure=figure,
        table=DataTable(
            ("round", "setting", "validation accuracy", "MACs left", "within the budget"),
            [_row(number, each) for number, each in enumerate(rounds, start=1)],
        ),
    )


def _left(tried: dict[str, Any]) -> float:
    """The multiply-accumulates by which rounds are compared."""
    return tried.get("macs_left", tried["effective_macs"])


def _row(number: int, tried: dict[str, Any]) -> list[str]:
    macs = f"{count(_left(tried))} ({percent(_left(tried) / tried['macs'], digits=1)})"
    return [str(number), _setting(tried), percent(tried["accuracy"]), macs, "yes" if tried["passed"] else "no"]


def _setting(tried: dict[str, Any]) -> str:
    if "rates" not in tried:
        return "no penalty" if tried["l"] is None else f"l {tried['l']:g}, beta {tried['beta']:g}"
    if isinstance(tried["energy"], float):
        return f"energy {percent(tried['energy'], digits=3)}"
    return "energy by layer" if tried["energy"] else "rates given"


def _sentence(rounds: list[dict[str, Any]], best: int) -> str:
    passed = sum(each["passed"] for each in rounds)
    share = percent(_left(rounds[best]) / rounds[best]["macs"], digits=1)
    return (
        f"{len(rounds)} rounds, {passed} of them within the accuracy budget; round {best + 1} was taken, with {share} "
        f"of the MACs at {percent(rounds[best]['accuracy'])} validation accuracy"
    )
