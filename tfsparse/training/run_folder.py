# SPDX-License-Identifier: Apache-2.0
"""The folder of a run: what is where, and that it belongs to this run and to no other."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tfsparse.conversion.files import write_atomically
from tfsparse.errors import InvalidArgumentError

try:
    import fcntl
except ImportError:  # Windows: nothing keeps two processes apart there
    fcntl = None  # type: ignore[assignment]

SCHEMA_VERSION = 1
RUN, RECIPE, RESULTS = "run.json", "recipe.yaml", "results.json"
MODEL, TFLITE = "model.keras", "model.tflite"
HISTORY, HISTORY_JSON = "history.csv", "history.json"
DATA_ORIGIN = "data_origin"
_LOCK = ".lock"
_WORDS = {
    "tfsparse": "the version of tfsparse",
    "backend": "the Keras backend",
    "data.blake2b": "what is in the data",
    "model": "the model that was given",
}
"""What parts of an identity are called."""


class RunFolder:
    """The folder of a run.

    `recipe.yaml`, `run.json` (what the run is, its `state`, running or finished, and where its data was),
    `results.json` (the final table), `history.csv` and `history.json` (all epochs of all stages), `model.keras`,
    `model.tflite`, `tensorboard/`; and per stage `stages/01-dense/` with `model.keras`, `history.csv` and `facts.json`
    once it is finished, and a folder for each leg of its training meanwhile.

    Args:
        path: The folder, made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self, identity: dict[str, Any], recipe: str, data_origin: dict[str, Any] | None = None) -> dict[str, Any]:
        """Begins the run here, or checks that what was begun here is this run.

        Args:
            identity: What makes a run this one, as JSON has it: recipe, data, versions.
            recipe: The recipe as YAML, to be kept beside the results.
            data_origin: Where the data is, as JSON has it: kept for those who want to repeat the run, and no part of
                what it is. The same data may be elsewhere when it goes on; the last place is kept.

        Returns:
            The state: `{"state": "running" or "finished", ...}`.

        Raises:
            InvalidArgumentError: The folder holds another run, or something else than a run.
        """
        if not (self.path / RUN).is_file():
            self._require_empty()
            write_atomically(self.path / RECIPE, recipe.encode())
            self.write_json(RUN, {"schema_version": SCHEMA_VERSION, "state": "running", "identity": identity})
        state = self.read_json(RUN)
        if not isinstance(state, dict):
            raise InvalidArgumentError(
                f"{self.path / RUN} is damaged.", expected="a JSON object", remedy="Choose another folder."
            )
        _require_same(self.path, state, json.loads(json.dumps(identity)))
        if data_origin is not None and state.get(DATA_ORIGIN) != data_origin:
            state = {**state, DATA_ORIGIN: data_origin}
            self.write_json(RUN, state)
        return state

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keeps other processes from working in the folder at the same time.

        Raises:
            InvalidArgumentError: One does, the path is no folder, or the folder holds something else than a run.
        """
        if self.path.exists() and not self.path.is_dir():
            raise InvalidArgumentError(
                f"{self.path} is no folder.", expected="a folder, which is made if it is not there"
            )
        self.path.mkdir(parents=True, exist_ok=True)
        if not (self.path / RUN).is_file():
            self._require_empty()  # before anything is put among the files of others
        with (self.path / _LOCK).open("w") as file:
            if fcntl is not None:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise InvalidArgumentError(
                        f"Another process is working in {self.path}.", remedy="Wait for it, or choose another folder."
                    ) from error
            yield

    def stage(self, index: int, name: str) -> Path:
        """The folder of a stage, by its position from 0."""
        return self.path / "stages" / f"{index + 1:02d}-{name}"

    def read_json(self, name: str) -> Any:
        """The content of a JSON file of the folder.

        Raises:
            InvalidArgumentError: It is damaged.
        """
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except ValueError as error:
            raise InvalidArgumentError(f"{self.path / name} is damaged.", received=str(error)) from error

    def write_json(self, name: str, content: Any) -> None:
        """Writes a JSON file of the folder, whole or not at all."""
        write_atomically(self.path / name, (json.dumps(content, indent=2) + "\n").encode())

    def finish(self) -> None:
        """Marks the run as finished."""
        self.write_json(RUN, {**self.read_json(RUN), "state": "finished"})

    def _require_empty(self) -> None:
        # A kill between the first two files leaves the recipe alone behind.
        foreign = sorted(path.name for path in self.path.iterdir() if path.name not in (_LOCK, RECIPE))
        if foreign:
            raise InvalidArgumentError(
                f"{self.path} holds something else than a run.",
                expected="a new or empty folder, or that of the same run",
                received=", ".join(foreign[:5]),
                remedy="Choose another folder.",
            )


def _require_same(path: Path, state: dict[str, Any], identity: dict[str, Any]) -> None:
    if state.get("schema_version") != SCHEMA_VERSION:
        raise InvalidArgumentError(
            f"The run in {path} was made by another version of tfsparse.",
            expected=f"a run folder of schema version {SCHEMA_VERSION}",
            received=str(state.get("schema_version")),
            remedy="Choose another folder.",
        )
    differences = list(_differences(state.get("identity"), identity))
    if differences:
        place, there, now = differences[0]
        raise InvalidArgumentError(
            f"{path} holds another run: {_WORDS.get(place, place)} differs ({len(differences)} difference(s)).",
            expected=f"{there!r}, as in that run",
            received=repr(now),
            remedy="Choose another folder, or take that run's settings to go on with it.",
        )


def _differences(there: Any, now: Any, place: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(there, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*there, *now]):
            yield from _differences(there.get(key), now.get(key), f"{place}.{key}".lstrip("."))
    elif isinstance(there, list) and isinstance(now, list) and len(there) == len(now):
        for index, (one, other) in enumerate(zip(there, now, strict=True)):
            yield from _differences(one, other, f"{place}.{index}".lstrip("."))
    elif there != now:
        yield place, there, now
