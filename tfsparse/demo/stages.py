# SPDX-License-Identifier: Apache-2.0
"""How the stages of a long flow tell how far they are."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import keras


class Stage(Protocol):
    """Begins a stage: a label, and its number of steps where it is known; yields what to call after each step."""

    def __call__(self, label: str, steps: int | None = None) -> AbstractContextManager[Callable[[], None]]: ...


@contextlib.contextmanager
def silent(label: str, steps: int | None = None) -> Iterator[Callable[[], None]]:
    """Begins a stage and tells nobody."""
    yield lambda: None


class AdvancePerBatch(keras.callbacks.Callback):
    """Calls a function after each training batch.

    Args:
        advance: What to call.
    """

    def __init__(self, advance: Callable[[], None]) -> None:
        super().__init__()
        self._advance = advance

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._advance()
