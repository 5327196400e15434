# SPDX-License-Identifier: Apache-2.0
"""Accuracy against cost of everything that a search tried, and the Pareto front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from tfsparse.report.chart import Chart, DataTable
from tfsparse.report.charts.axes import below
from tfsparse.report.numbers import percent, scale_of
from tfsparse.report.search_record import shown_setting
from tfsparse.report.theme import DENSE, INK, MUTED, WIDTH, series
from tfsparse.search.front import ORIGINS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tfsparse.search.front import Candidate
    from tfsparse.search.result import SearchResult

TITLE = "Accuracy against cost"
_MARKS = {
    "energy": ("D", series(1)),
    "greedy": ("s", series(2)),
    "search": ("o", DENSE.light),
    "descent": ("v", series(3)),
}
_BUDGETS_BELOW = 4.0
_LEAST_BUDGET = 0.005


def search_front(found: SearchResult) -> Chart:
    """Draws a point for each setting by what proposed it, the front as a line, and what was chosen."""
    scale, unit = scale_of(found.cost) if found.target == "macs" else (1.0, "")
    figure = Figure(figsize=(WIDTH, 4.4))
    axes = figure.subplots()
    for origin, (marker, color) in _MARKS.items():
        tried = [each for each in found.candidates if each.origin == origin]
        if tried:
            axes.plot(*_places(tried, scale), marker, color=color, markersize=4, label=f" {ORIGINS[origin]}")
    axes.step(*_places(found.front, scale), where="post", color=series(0), label=" Pareto front")
    if found.finetuned:
        axes.plot(
            *_places(found.finetuned, scale, finetuned=True), "^", color=series(4), markersize=7, label=" finetuned"
        )
    axes.plot(found.cost / scale, 100 * found.accuracy, "s", color=INK.light, markersize=6, label=" dense network")
    _mark_setting(axes, found, scale)
    least = 100 * (found.accuracy - found.budget)
    axes.axhline(least, color=MUTED.light, linestyle=":", linewidth=1, label=" least accuracy allowed")
    if found.at_most is not None:
        axes.axvline(found.at_most / scale, color=MUTED.light, linestyle="--", linewidth=1, label=" cost asked for")
    axes.set_ylim(*_limits(found))
    axes.set_xlim(0, 1.05 * found.cost / scale)
    axes.set_xlabel(f"multiply-accumulates per sample, {unit}" if found.target == "macs" else "milliseconds per sample")
    axes.set_ylabel("validation accuracy, %")
    below(axes, columns=2)
    return Chart(
        key="search-front",
        title=TITLE,
        caption=(
            "Each point is a setting of all layers. Further left is cheaper, further up more accurate; the Pareto "
            "front joins those that no other beats in both. The accuracy axis does not begin at 0: settings far below "
            "the accuracy allowed are outside."
        ),
        alt=found.verdict(),
        figure=figure,
        table=DataTable(
            ("cost per sample", "of dense", "accuracy", "finetuned", "proposed by"),
            [
                [
                    found.in_unit(each.cost),
                    percent(each.cost / found.cost, digits=1),
                    percent(each.accuracy),
                    percent(each.finetuned_accuracy),
                    each.origin,
                ]
                for each in found.candidates
            ],
        ),
    )


def _mark_setting(axes: Axes, found: SearchResult, scale: float) -> None:
    setting = shown_setting(found)
    if setting is not None:
        label = " chosen" if found.chosen else " closest, not within what was asked for"
        place = setting.cost / scale, 100 * setting.best_accuracy
        axes.plot(*place, "o", color=INK.light, markersize=13, fillstyle="none", label=label)


def _places(candidates: Sequence[Candidate], scale: float, finetuned: bool = False) -> tuple[list[float], list[float]]:
    accuracies = [each.best_accuracy if finetuned else each.accuracy for each in candidates]
    return [each.cost / scale for each in candidates], [100 * accuracy for accuracy in accuracies]


def _limits(found: SearchResult) -> tuple[float, float]:
    """From a few budgets below the dense network to a little above the best, so that settings can be told apart."""
    setting = shown_setting(found)
    best = max([found.accuracy, *(each.best_accuracy for each in found.candidates)])
    low = found.accuracy - _BUDGETS_BELOW * max(found.budget, _LEAST_BUDGET)
    low = min([low, *([setting.accuracy, setting.best_accuracy] if setting else [])])
    margin = 0.05 * (best - low)
    return 100 * max(0.0, low - margin), min(101.0, 100 * (best + margin))
