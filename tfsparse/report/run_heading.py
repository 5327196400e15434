# SPDX-License-Identifier: Apache-2.0
"""What a report says in words about a run: what it is, how to repeat it, and what came out in short."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from tfsparse.report.heading import Heading, KeyFigure, NextStep
from tfsparse.report.numbers import count, percent, points
from tfsparse.report.run_record import RunRecord
from tfsparse.training.run_folder import RECIPE


def run_heading(run: RunRecord, more_notes: tuple[str, ...] = ()) -> Heading:
    """The words of a run's report.

    Args:
        run: The run.
        more_notes: Notes beside those that the run itself gives rise to.
    """
    recipe = run.recipe
    return Heading(
        title=recipe["name"],
        subtitle=f"{_model(recipe)}: {', '.join(stage.name for stage in run.stages)}",
        notes=(*_notes(run), *more_notes),
        key_figures=tuple(_key_figures(run)),
        about="The run",
        facts=tuple(_facts(run)),
        next_step=_repetition(run),
        recipe=run.recipe_text,
    )


def _repetition(run: RunRecord) -> NextStep:
    """What trains the same again."""
    begun = ["tfsparse", "train", "--recipe", str(run.folder / RECIPE)]
    notes = ["NEW_RUN stands for a new folder."]
    if run.data_origin is None:
        notes.append("DATA stands for the data that it was trained on, which were given in Python.")
    if run.recipe["model"] is None:
        begun += ["--model", "MODEL.keras"]
        notes.append("MODEL.keras stands for the file of the model that was given.")
    command = shlex.join([*begun, *_data_options(run.data_origin), "--output", "NEW_RUN"])
    return NextStep("To repeat it", command, " ".join(notes))


def _data_options(origin: dict[str, Any] | None) -> list[str]:
    if origin is None:
        return ["--data", "DATA"]
    options = ["--data", origin["source"]] if origin["source"] is not None else []
    if "image_size" in origin:
        options += ["--image-size", "x".join(map(str, origin["image_size"]))]
    return options


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
        if name == "macs_after_wta" and last[name] == last["macs"]:
            continue  # nothing wins or loses
        share = percent(last[name] / last["macs"], digits=1)
        yield KeyFigure(label, share, f"{count(last[name])} of {count(last['macs'])}")
    for label, name in (("Zeros in weights", "weight_zeros"), ("Zeros in activations", "activation_zeros")):
        yield KeyFigure(label, percent(last[name], digits=1), f"{percent(first[name], digits=1)} in {run.dense.name}")


def _place(origin: dict[str, Any] | None) -> str:
    if origin is None:
        return "given in Python"
    return origin["source"] or "scikit-learn's digits"


def _facts(run: RunRecord) -> Iterator[tuple[str, str]]:
    recipe, data = run.recipe, run.identity["data"]
    yield "folder", str(run.folder)
    yield "state", "finished" if run.finished else "not finished"
    yield "network", _model(recipe)
    yield "data", _place(run.data_origin)
    yield "seed", str(recipe["seed"])
    yield "precision", recipe["precision"]
    yield "backend", run.identity["backend"]
    yield "tfsparse", run.identity["tfsparse"]
    for split, label in (("train", "training samples"), ("test", "test samples")):
        yield label, f"{data[split][0]:,} of {' x '.join(map(str, data[split][1:]))}, {data['dtype']}"
    share = percent(recipe["data"]["validation_share"], digits=0)
    yield "validation", f"{share} of the training samples"
    yield "data hash", data["blake2b"]
