# SPDX-License-Identifier: Apache-2.0
"""What a report says in words about a run: what it is, how to repeat it, and what came out in short."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tfsparse.report.numbers import count, percent, points
from tfsparse.report.run_record import RunRecord


@dataclass(frozen=True)
class KeyFigure:
    """One number that stands for a run.

    Args:
        label: What it is.
        value: The number.
        detail: What it is to be compared with.
    """

    label: str
    value: str
    detail: str


@dataclass(frozen=True)
class Heading:
    """The words of a report.

    Args:
        title: Name of the recipe.
        subtitle: Network and stages.
        notes: What has to be known before the results are read.
        key_figures: The result in short; none while no stage is finished.
        facts: Names and values that tell this run from others.
        command: What trains the same again.
        recipe: The recipe as YAML.
    """

    title: str
    subtitle: str
    notes: tuple[str, ...]
    key_figures: tuple[KeyFigure, ...]
    facts: tuple[tuple[str, str], ...]
    command: str
    recipe: str


def heading_of(run: RunRecord, more_notes: tuple[str, ...] = ()) -> Heading:
    """The words of a run's report.

    Args:
        run: The run.
        more_notes: Notes beside those that the run itself gives rise to.
    """
    recipe = run.recipe
    command = [
        "tfsparse",
        "train",
        "--recipe",
        str(run.folder / "recipe.yaml"),
        "--data",
        "DATA",
        "--output",
        "NEW_RUN",
    ]
    return Heading(
        title=recipe["name"],
        subtitle=f"{_model(recipe)}: {', '.join(stage.name for stage in run.stages)}",
        notes=(*_notes(run), *more_notes),
        key_figures=tuple(_key_figures(run)),
        facts=tuple(_facts(run)),
        command=shlex.join(command),
        recipe=run.recipe_text,
    )


def _model(recipe: dict[str, Any]) -> str:
    options = ", ".join(f"{name} {value}" for name, value in recipe.get("model_options", {}).items())
    return (recipe["model"] or "a model that was given") + (f" ({options})" if options else "")


def _notes(run: RunRecord) -> Iterator[str]:
    if not run.finished:
        missing = [stage.name for stage in run.stages if stage.result is None]
        what = f"{', '.join(missing)} missing" if missing else "its last files are missing"
        yield (
            f"This run is not finished: {len(run.done)} of {len(run.stages)} stages are, {what}. "
            "What is there so far is shown. The command that began it goes on with it."
        )
    for stage in run.done:
        yield from (stage.result or {}).get("shortcomings", [])


def _key_figures(run: RunRecord) -> Iterator[KeyFigure]:
    if not run.done:
        return
    first, last = run.dense.result or {}, run.done[-1].result or {}
    change = points(last["accuracy_test"] - first["accuracy_test"])
    yield KeyFigure("Test accuracy", percent(last["accuracy_test"]), f"{change} beside {run.dense.name}")
    for label, name in (("MACs after winners", "macs_after_wta"), ("MACs of non-zero pairs", "effective_macs")):
        share = percent(last[name] / last["macs"], digits=1)
        yield KeyFigure(label, share, f"{count(last[name])} of {count(last['macs'])}")
    for label, name in (("Zeros in weights", "weight_zeros"), ("Zeros in activations", "activation_zeros")):
        yield KeyFigure(label, percent(last[name], digits=1), f"{percent(first[name], digits=1)} in {run.dense.name}")


def _facts(run: RunRecord) -> Iterator[tuple[str, str]]:
    recipe, data = run.recipe, run.identity["data"]
    yield "folder", str(run.folder)
    yield "state", "finished" if run.finished else "not finished"
    yield "network", _model(recipe)
    yield "seed", str(recipe["seed"])
    yield "precision", recipe["precision"]
    yield "backend", run.identity["backend"]
    yield "tfsparse", run.identity["tfsparse"]
    for split, label in (("train", "training samples"), ("test", "test samples")):
        yield label, f"{data[split][0]:,} of {' x '.join(map(str, data[split][1:]))}, {data['dtype']}"
    share = percent(recipe["data"]["validation_share"], digits=0)
    yield "validation", f"{share} of the training samples"
    yield "data hash", data["blake2b"]
