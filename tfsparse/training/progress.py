# SPDX-License-Identifier: Apache-2.0
"""How far a long piece of work is: a bar for a person, a line per epoch everywhere."""

from __future__ import annotations

import sys
import time
from typing import Any

import keras
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Reporter:
    """Tells on standard error what a run is doing.

    Args:
        verbose: Whether to say anything.
    """

    def __init__(self, verbose: bool = True) -> None:
        self.verbose = verbose
        self.console = Console(stderr=True, highlight=False, markup=False, emoji=False, quiet=not verbose)

    def note(self, text: str) -> None:
        """Says a sentence."""
        self.console.print(text, soft_wrap=True)

    def epochs(self, label: str, epochs: int, steps: int) -> EpochProgress:
        """A callback that shows the epochs of one leg of training.

        Args:
            label: What is trained.
            epochs: Number of epochs, those done before included.
            steps: Batches of an epoch.
        """
        return EpochProgress(self.console, label, epochs, steps)


class EpochProgress(keras.callbacks.Callback):
    """A bar for the batches of an epoch, on a terminal alone, and a line with its figures when it is done."""

    def __init__(self, console: Console, label: str, epochs: int, steps: int) -> None:
        super().__init__()
        self._console = console
        self._label = label
        self._epochs = epochs
        self._steps = steps
        self._bar: Progress | None = None
        self._started = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._started = time.monotonic()
        if self._console.is_terminal and not self._console.quiet and sys.stderr.isatty():
            columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._bar.add_task(f"{self._label}, epoch {epoch + 1}/{self._epochs}", total=self._steps)
            self._bar.start()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=batch + 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.stop()
        logs = logs or {}
        figures = [f"loss {logs['loss']:.4f}", f"accuracy {logs['accuracy']:.2%}"]
        if "val_accuracy" in logs:
            figures.append(f"validation {logs['val_accuracy']:.2%}")
        seconds = time.monotonic() - self._started
        self._console.print(
            f"{self._label}, epoch {epoch + 1}/{self._epochs}: {', '.join(figures)}, {seconds:.1f} s", soft_wrap=True
        )

    def stop(self) -> None:
        """Takes the bar away, however the epoch ended."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
