# SPDX-License-Identifier: Apache-2.0
"""What a page says in words about a search: what it found, the settings that no other beats, and how to train one."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from tfsparse.report.chart import DataTable
from tfsparse.report.heading import Heading, KeyFigure, NextStep, Results
from tfsparse.report.numbers import NONE, percent, points
from tfsparse.report.search_record import shown_setting
from tfsparse.search.front import ORIGINS
from tfsparse.search.result import SearchResult

_RECIPE = "recipe.json"


def search_heading(folder: Path, found: SearchResult) -> Heading:
    """The words of a search's page.

    Args:
        folder: Its folder.
        found: What it found.
    """
    recipe = folder / _RECIPE
    return Heading(
        title=f"Search of {found.model}",
        subtitle=f"winner rates layer by layer, {len(found.candidates):,} settings tried",
        notes=() if found.chosen else (found.verdict(),),
        key_figures=tuple(_key_figures(found)),
        about="The search",
        facts=tuple(_facts(folder, found)),
        next_step=_training(recipe) if found.chosen else None,
        recipe=recipe.read_text(encoding="utf-8") if found.chosen and recipe.is_file() else "",
    )


def search_table(found: SearchResult) -> Results:
    """The settings of the Pareto front and those that were finetuned, cheapest first."""
    shown = {id(each): each for each in (*found.front, *found.finetuned)}
    chosen = [found.chosen] if found.chosen else []
    rows = [
        [
            found.in_unit(each.cost),
            percent(each.cost / found.cost, digits=1),
            percent(each.accuracy),
            percent(each.finetuned_accuracy),
            ORIGINS[each.origin],
            "yes" if each in chosen else NONE,
        ]
        for each in sorted(shown.values(), key=lambda each: each.cost)
    ]
    header = ("cost per sample", "of dense", "accuracy", "finetuned", "proposed by", "chosen")
    note = (
        "The settings for which no other is cheaper and at least as accurate without finetuning, and those that were "
        f"finetuned. Accuracies are those on {found.samples:,} validation samples."
    )
    return Results("Settings that no other beats", DataTable(header, rows), note)


def _key_figures(found: SearchResult) -> Iterator[KeyFigure]:
    setting = shown_setting(found)
    if setting is None:
        return
    which = "chosen" if found.chosen else "closest"
    change = points(setting.best_accuracy - found.accuracy)
    yield KeyFigure(f"Accuracy, {which}", percent(setting.best_accuracy), f"{change} beside the dense network")
    share = percent(setting.cost / found.cost, digits=1)
    label = "MACs" if found.target == "macs" else "Time"
    yield KeyFigure(f"{label}, {which}", share, f"{found.in_unit(setting.cost)} of {found.in_unit(found.cost)}")
    yield KeyFigure("Accuracy budget", f"{100 * found.budget:.2f} points", "may be lost")
    yield KeyFigure("Settings tried", f"{len(found.candidates):,}", f"{len(found.finetuned):,} of them finetuned")


def _facts(folder: Path, found: SearchResult) -> Iterator[tuple[str, str]]:
    yield "folder", str(folder)
    yield "network", found.model
    yield "validation samples", f"{found.samples:,}"
    yield "target", "multiply-accumulates" if found.target == "macs" else "milliseconds in the stock interpreter"
    yield "accuracy budget", percent(found.budget)
    if found.at_most is not None:
        yield "cost asked for", f"at most {found.in_unit(found.at_most)}"


def _training(recipe: Path) -> NextStep:
    command = ["tfsparse", "train", "--recipe", str(recipe), "--data", "DATA", "--output", "NEW_RUN"]
    note = (
        "DATA stands for the data of the search (left out, scikit-learn's digits), NEW_RUN for a new folder. A network "
        "that is not of the catalog is given by --model MODEL.keras; it is then not trained dense again."
    )
    return NextStep("To train with the chosen rates", shlex.join(command), note)
