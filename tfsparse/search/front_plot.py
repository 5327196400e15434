# SPDX-License-Identifier: Apache-2.0
"""The picture of a search: accuracy against cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfsparse.pictures import check_picture, save_figure
from tfsparse.search.front import ORIGINS

if TYPE_CHECKING:
    from tfsparse.search.front import Candidate
    from tfsparse.search.result import SearchResult

_COLORS = {"energy": "#e08a1e", "greedy": "#5aa469", "search": "#b9b9b9", "descent": "#7fa8d1"}
_BELOW_BUDGET = 4.0
"""How many budgets below the least accuracy the picture reaches."""


def plot_front(found: SearchResult, path: Path) -> None:
    """Draws all settings by where they come from, the front as a line, what was finetuned, and the choice.

    Args:
        found: What to draw.
        path: File to write: SVG, PNG or PDF by its ending.

    Raises:
        InvalidArgumentError: The ending is unknown.
        ConversionError: The file cannot be written.
        RuntimeUnavailableError: matplotlib is missing.
    """
    check_picture(path)
    from matplotlib.figure import Figure

    scale = 1e6 if found.target == "macs" else 1.0
    figure = Figure(figsize=(6.8, 4.2), layout="constrained")
    axes = figure.subplots()

    def place(candidates: Sequence[Candidate], finetuned: bool = False) -> tuple[list[float], list[float]]:
        accuracies = [each.best_accuracy if finetuned else each.accuracy for each in candidates]
        return [each.cost / scale for each in candidates], [100 * accuracy for accuracy in accuracies]

    for origin, color in reversed(_COLORS.items()):
        of_origin = [each for each in found.candidates if each.origin == origin]
        if of_origin:
            axes.scatter(*place(of_origin), s=16, color=color, label=ORIGINS[origin], zorder=2)
    one_energy = [each for each in found.candidates if each.origin in ("dense", "energy")]
    axes.plot(*place(one_energy), color=_COLORS["energy"], linewidth=1.0, zorder=1)
    axes.step(*place(found.front), where="post", color="#2f6fb3", linewidth=1.4, label="front", zorder=3)
    if found.finetuned:
        axes.scatter(*place(found.finetuned, True), s=30, marker="^", color="#7b4fa3", label="finetuned", zorder=4)
    axes.scatter(
        [found.cost / scale], [100 * found.accuracy], s=36, marker="s", color="#333333", label="dense", zorder=4
    )
    if found.chosen:
        axes.scatter(
            *place([found.chosen], True), s=110, facecolors="none", edgecolors="#c03030", label="chosen", zorder=5
        )
    kept = 100 * (found.accuracy - found.budget)
    axes.axhline(kept, color="#c03030", linewidth=0.8, linestyle=":", label=f"-{found.budget:.2%} accuracy")
    if found.at_most is not None:
        axes.axvline(found.at_most / scale, color="#c03030", linewidth=0.8, linestyle=":")
    least, most = _accuracy_range(found)
    shown = [each.cost for each in found.candidates if least <= 100 * each.best_accuracy <= most]
    axes.set_ylim(least, most)
    axes.set_xlim(0.9 * min([found.cost, *shown]) / scale, 1.02 * found.cost / scale)
    axes.set_xlabel("MACs for one sample, in millions" if found.target == "macs" else "milliseconds for one sample")
    axes.set_ylabel("accuracy in %")
    axes.set_title(
        f"{found.model}: {len(found.candidates)} settings, {found.samples:,} samples", size=9, parse_math=False
    )
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside right center", frameon=False, fontsize=8)
    save_figure(figure, path)


def _accuracy_range(found: SearchResult) -> tuple[float, float]:
    """From a few budgets below what is asked for to a little above the best, so that the choice can be told apart."""
    chosen = [found.chosen.accuracy] if found.chosen else []
    best = max([found.accuracy, *(each.best_accuracy for each in found.candidates)])
    low = min(found.accuracy - _BELOW_BUDGET * max(found.budget, 0.005), *chosen, found.accuracy)
    margin = 0.05 * (best - low)
    return 100 * max(0.0, low - margin), 100 * min(1.0, best + margin)
