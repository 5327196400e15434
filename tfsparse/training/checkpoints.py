# SPDX-License-Identifier: Apache-2.0
"""A checkpoint per epoch: weights, optimizer and what callbacks remember, each complete or not there."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import shutil
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import keras

from tfsparse.conversion.files import write_atomically
from tfsparse.errors import ConversionError, ModelFormatError

_BYTES_OF_A_NUMBER = 4
_BYTES_OF_A_LAYOUT = 1_000_000
"""What HDF5 may add to the numbers, and a little more."""

_FREE_SPACE = "Free space on the disk: the same command then goes on after the last finished epoch."
_NAME = re.compile(r"epoch-(\d{5})\.weights\.h5")


@runtime_checkable
class Stateful(Protocol):
    """A callback that remembers something from epoch to epoch that a resumed training needs."""

    def state(self) -> dict[str, Any]:
        """What it remembers, as JSON has it."""

    def restore(self, state: dict[str, Any]) -> None:
        """Takes back what `state` gave."""


class Checkpoints:
    """The checkpoints of one leg of training in its folder; the newest alone is kept.

    Args:
        folder: Existing folder.
        callbacks: Callbacks of the training; what the `Stateful` ones remember is kept, too.
    """

    def __init__(self, folder: Path, callbacks: list[keras.callbacks.Callback]) -> None:
        self.folder = folder
        self._stateful = [callback for callback in callbacks if isinstance(callback, Stateful)]

    def newest(self) -> int:
        """Epochs done by the newest checkpoint; 0 if there is none."""
        return max(self._there(), default=0)

    def save(self, model: keras.Model, epochs_done: int) -> None:
        """Writes the checkpoint of a compiled model, then removes those before it."""
        earlier = self._there()
        states = json.dumps([callback.state() for callback in self._stateful])
        write_atomically(self._states(epochs_done), states.encode())
        save_weights(model, self._weights(epochs_done))  # comes last: it makes the checkpoint count
        for epoch in earlier:
            if epoch != epochs_done:
                self._remove(epoch)

    def restore(self, model: keras.Model) -> int:
        """Brings the model and its optimizer to the newest checkpoint; returns the number of epochs done.

        Raises:
            ModelFormatError: The checkpoint cannot be read, or is of another model.
        """
        epochs_done = self.newest()
        if epochs_done:
            model.optimizer.build(model.trainable_variables)
            load_weights(model, self._weights(epochs_done))
            states = json.loads(self._states(epochs_done).read_text())
            for callback, state in zip(self._stateful, states, strict=True):
                callback.restore(state)
        return epochs_done

    def clear(self) -> None:
        """Removes all checkpoints."""
        for epoch in self._there():
            self._remove(epoch)

    def _there(self) -> list[int]:
        matches = (_NAME.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(match[1]) for match in matches if match)

    def _remove(self, epoch: int) -> None:
        self._weights(epoch).unlink(missing_ok=True)
        self._states(epoch).unlink(missing_ok=True)

    def _weights(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:05d}.weights.h5"

    def _states(self, epoch: int) -> Path:
        return self.folder / f"epoch-{epoch:05d}.callbacks.json"


class SaveEachEpoch(keras.callbacks.Callback):
    """Writes a checkpoint at the end of each epoch but the last one.

    What follows the last epoch, averaged weights and what callbacks make of them, belongs to the training: who goes on
    with it does the last epoch again.

    Args:
        checkpoints: Where to.
    """

    def __init__(self, checkpoints: Checkpoints) -> None:
        super().__init__()
        self._checkpoints = checkpoints

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if epoch + 1 < self.params["epochs"]:
            self._checkpoints.save(self.model, epoch + 1)


def save_weights(model: keras.Model, path: Path) -> None:
    """Writes a model's weights, and its optimizer's if it is compiled, whole or not at all.

    Raises:
        ConversionError: The disk is full, or the path cannot be written.
    """
    optimizer = getattr(model, "optimizer", None)
    variables = [*model.variables, *(optimizer.variables if optimizer is not None else [])]
    require_space(path.parent, _BYTES_OF_A_NUMBER * sum(math.prod(each.shape) for each in variables))
    _whole(path, ".weights.h5", model.save_weights)


def save_model(model: keras.Model, path: Path) -> None:
    """Writes a model as `.keras`, whole or not at all.

    Raises:
        ConversionError: The disk is full, or the path cannot be written.
    """
    _whole(path, ".keras", model.save)


def require_space(folder: Path, needed: int) -> None:
    """Refuses to begin a file that the disk cannot hold: a half-written HDF5 file complains long after its error.

    Args:
        folder: Where it would go.
        needed: Bytes of what it would hold.

    Raises:
        ConversionError: There is too little space.
    """
    free = shutil.disk_usage(folder).free
    if free < needed + _BYTES_OF_A_LAYOUT:
        raise ConversionError(
            f"The disk is full: the weights do not fit into {folder}.",
            expected=f"{(needed + _BYTES_OF_A_LAYOUT) / 1e6:,.1f} MB",
            received=f"{free / 1e6:,.1f} MB",
            remedy=_FREE_SPACE,
        )


def load_weights(model: keras.Model, path: Path) -> None:
    """Reads what `save_weights` wrote.

    Raises:
        ModelFormatError: The file cannot be read, or is of another model.
    """
    try:
        model.load_weights(path)
    except (OSError, ValueError, KeyError) as error:
        raise ModelFormatError(
            f"The weights in {path} cannot be read.",
            received=str(error).splitlines()[0],
            remedy="Remove the folder that they are in: this part of the run is then done again.",
        ) from error


def _whole(path: Path, suffix: str, save: Any) -> None:
    # One name for all attempts: what a kill left behind is overwritten by the next.
    temporary = path.with_name(f".writing{suffix}")
    try:
        temporary.unlink(missing_ok=True)
        save(temporary)
        with temporary.open("rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise ConversionError(
            f"{path} could not be written.",
            received=error.strerror or str(error).splitlines()[0],
            remedy=_FREE_SPACE,
        ) from error
