# SPDX-License-Identifier: Apache-2.0
"""What the folder of a run holds, finished or not."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfsparse.errors import InvalidArgumentError
from tfsparse.report.layer_counts import NetworkCount, network_count
from tfsparse.search.result import JOURNAL
from tfsparse.search.result import RESULT as SEARCH
from tfsparse.training.run_folder import DATA_ORIGIN, HISTORY, MODEL, RECIPE, RUN, SCHEMA_VERSION, RunFolder

FACTS = "facts.json"
RESULT = (
    *("accuracy_val", "accuracy_test", "macs", "macs_after_wta", "effective_macs"),
    *("weight_zeros", "activation_zeros", "seconds"),
)
"""What the account of a stage has at least."""

ROUND = "accuracy", "passed", "macs", "effective_macs"
"""What the account of a round has at least."""

Row = dict[str, Any]
"""The figures of one epoch, by name."""


@dataclass(frozen=True)
class StageRecord:
    """One stage of a run.

    Args:
        name: Its folder's name, `"02-winners"`.
        kind: Which stage it is, `"winners"`.
        result: Its row of the final table by name; `None` while it is not finished.
        facts: What else it recorded.
        history: Figures of each epoch, `leg` included.
        model: Its model's file, which is there once the stage is finished.
        counts: Multiply-accumulates of its layers; `None` while it is not finished, or if it did not record them.
    """

    name: str
    kind: str
    result: dict[str, Any] | None
    facts: dict[str, Any]
    history: tuple[Row, ...]
    model: Path
    counts: NetworkCount | None


@dataclass(frozen=True)
class RunRecord:
    """A run, as far as it has come.

    Args:
        folder: Its folder.
        identity: Recipe, data, versions and backend, as JSON has them.
        recipe_text: The recipe as YAML.
        finished: Whether all stages are done.
        stages: Every stage of the recipe.
        data_origin: Arguments of `tfsparse.datasets.load_dataset` that gave its data; `None` if they are not known.
    """

    folder: Path
    identity: dict[str, Any]
    recipe_text: str
    finished: bool
    stages: tuple[StageRecord, ...]
    data_origin: dict[str, Any] | None = None

    @property
    def recipe(self) -> dict[str, Any]:
        """The recipe."""
        return self.identity["recipe"]

    @property
    def done(self) -> tuple[StageRecord, ...]:
        """The stages that are finished."""
        return tuple(stage for stage in self.stages if stage.result is not None)

    @property
    def dense(self) -> StageRecord:
        """The stage that later ones are compared with: the last of the dense ones that a run begins with.

        A run that begins with a sparse stage has a model that was given; its first stage is taken. One stage at least
        has to be finished.
        """
        done = self.done
        leading = next((index for index, stage in enumerate(done) if stage.kind != "dense"), len(done))
        return done[max(leading - 1, 0)]


def read_run(folder: Path) -> RunRecord:
    """Reads the folder of a run of `tfsparse train`.

    Args:
        folder: The folder.

    Raises:
        InvalidArgumentError: There is no run in it, its files are damaged, or it is of another version.
    """
    if not (folder / RUN).is_file():
        raise InvalidArgumentError(
            f"There is neither a run nor a finished search in {folder}.",
            expected=f"a folder of `tfsparse train`, with the file {RUN}, or of `tfsparse search`, with {SEARCH}",
            received=_what_is_there(folder),
            remedy="Finish the search: the same command goes on." if (folder / JOURNAL).is_file() else None,
        )
    run = RunFolder(folder)
    state = run.read_json(RUN)
    version = state.get("schema_version") if isinstance(state, dict) else None
    if version != SCHEMA_VERSION:
        raise InvalidArgumentError(
            f"The run in {folder} was made by another version of tfsparse.",
            expected=f"a run folder of schema version {SCHEMA_VERSION}",
            received=f"schema version {version}",
            remedy="Make the report with that version.",
        )
    _require(("state", "identity"), state, folder / RUN)
    identity = state["identity"]
    _require(("recipe", "data", "backend", "tfsparse"), identity, folder / RUN)
    kinds = [stage["stage"] for stage in identity["recipe"]["stages"]]
    recipe = folder / RECIPE
    return RunRecord(
        folder=folder,
        identity=identity,
        recipe_text=recipe.read_text(encoding="utf-8") if recipe.is_file() else "",
        finished=state["state"] == "finished",
        stages=tuple(_stage(run, index, kind) for index, kind in enumerate(kinds)),
        data_origin=state.get(DATA_ORIGIN),
    )


def _what_is_there(folder: Path) -> str:
    if not folder.exists():
        return "no such folder"
    if not folder.is_dir():
        return "a file"
    names = sorted(path.name for path in folder.iterdir())
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "") if names else "an empty folder"


def _require(names: Iterable[str], content: Any, path: Path) -> None:
    missing = [name for name in names if not isinstance(content, dict) or name not in content]
    if missing:
        raise InvalidArgumentError(f"{path} is damaged.", expected=", ".join(names), received=f"no {missing[0]}")


def _stage(run: RunFolder, index: int, kind: str) -> StageRecord:
    folder = run.stage(index, kind)
    facts = run.read_json(str((folder / FACTS).relative_to(run.path))) if (folder / FACTS).is_file() else {}
    result = facts.pop("result", None)
    if result is not None:
        _require(RESULT, result, folder / FACTS)
    _check_rounds(facts, folder / FACTS)
    history = _rows(folder / HISTORY) if result is not None else _unfinished_rows(folder)
    counts = _counts(facts, folder / FACTS)
    return StageRecord(folder.name, kind, result, facts, tuple(history), folder / MODEL, counts)


def _check_rounds(facts: dict[str, Any], path: Path) -> None:
    rounds = facts.get("rounds")
    if not rounds:
        return
    if not isinstance(rounds, list) or facts.get("best_round") not in range(1, len(rounds) + 1):
        raise InvalidArgumentError(
            f"{path} is damaged.", expected="a list of rounds, best_round among them", received=facts.get("best_round")
        )
    for each in rounds:
        _require(ROUND, each, path)
    if any("rates" not in each and "l" not in each for each in rounds):
        raise InvalidArgumentError(f"{path} is damaged.", expected="rates or l for each round", received="neither")


def _counts(facts: dict[str, Any], path: Path) -> NetworkCount | None:
    if "profile" not in facts:
        return None
    try:
        return network_count(**facts["profile"])
    except (KeyError, TypeError) as error:
        raise InvalidArgumentError(
            f"{path} is damaged.", expected="samples, and layers with their MACs", received=f"no {error}"
        ) from error


def _unfinished_rows(folder: Path) -> Iterator[Row]:
    """The epochs of the pieces of training of a stage that is under way, in the order in which they were begun."""
    legs = sorted(folder.glob(f"*/{HISTORY}"), key=lambda path: path.stat().st_mtime)
    for path in legs:
        yield from ({"leg": path.parent.name, **row} for row in _rows(path))


def _rows(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [{name: _value(text) for name, text in row.items() if text} for row in csv.DictReader(file)]
    for row in rows:
        _require(("epoch",), row, path)
    return rows


def _value(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text
