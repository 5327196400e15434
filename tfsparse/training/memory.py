# SPDX-License-Identifier: Apache-2.0
"""Turns what backends say when memory, or the disk, runs out into one message."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tfsparse.errors import TfsparseError, TrainingError

_NAMES = ("ResourceExhaustedError", "OutOfMemoryError")
_WORDS = ("RESOURCE_EXHAUSTED", "out of memory", "OOM when allocating")
_DISK = "No space left on device"
"""What TensorFlow reports with the same errors: of logs for TensorBoard, for one."""


@contextlib.contextmanager
def explaining_memory(remedy: str) -> Iterator[None]:
    """Raises a `TrainingError` in place of the errors that NumPy and the backends raise when memory runs out.

    Args:
        remedy: What to do about too little memory, a sentence.

    Raises:
        TrainingError: Memory ran out inside the `with` block, or the disk is full.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, TfsparseError) or not _is_about_memory(error):
            raise
        full = _DISK in str(error)
        raise TrainingError(
            "The disk is full." if full else "There is too little memory.",
            received=str(error).splitlines()[0] if str(error) else type(error).__name__,
            remedy="Free space: the same command then goes on." if full else remedy,
        ) from error


def _is_about_memory(error: Exception) -> bool:
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ in _NAMES
        or any(word in str(error) for word in (*_WORDS, _DISK))
    )
