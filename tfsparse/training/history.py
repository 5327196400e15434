# SPDX-License-Identifier: Apache-2.0
"""What each epoch of a training gave, in memory and as CSV."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras
from keras import ops

from tfsparse.conversion.files import write_atomically

Row = dict[str, Any]
"""The figures of one epoch, by name; `epoch` counts from 1."""


class HistoryFile(keras.callbacks.Callback):
    """Keeps a CSV file of all epochs, complete after each one, the learning rate included.

    Training that goes on at a later epoch keeps the rows of the epochs before it and writes those after anew.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.rows: list[Row] = read_history(path)
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.rows = self.rows[:epoch]
        self._started = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        figures = {name: float(value) for name, value in (logs or {}).items()}
        rate = float(ops.convert_to_numpy(self.model.optimizer.learning_rate))
        seconds = round(time.monotonic() - self._started, 3)
        self.rows.append({"epoch": epoch + 1, "learning_rate": rate, "seconds": seconds, **figures})
        write_history(self._path, self.rows)


def read_history(path: Path) -> list[Row]:
    """The rows of a CSV file of `write_history`; none if there is no such file."""
    if not path.is_file():
        return []
    with path.open(newline="") as file:
        return [{name: _value(text) for name, text in row.items() if text} for row in csv.DictReader(file)]


def write_history(path: Path, rows: Sequence[Row]) -> None:
    """Writes rows as CSV; a column for each name that occurs, empty where a row lacks it."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    write_atomically(path, text.getvalue().encode())


def _value(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
