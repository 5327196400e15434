# SPDX-License-Identifier: Apache-2.0
"""Turns what backends say when memory runs out into one message."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tfsparse.errors import TrainingError

_NAMES = ("ResourceExhaustedError", "OutOfMemoryError")
_WORDS = ("RESOURCE_EXHAUSTED", "out of memory", "OOM when allocating")


@contextlib.contextmanager
def explaining_memory() -> Iterator[None]:
    """Raises a `TrainingError` in place of the errors that NumPy and the backends raise when memory runs out.

    Raises:
        TrainingError: Memory ran out inside the `with` block.
    """
    try:
        yield
    except Exception as error:
        if not _is_about_memory(error):
            raise
        raise TrainingError(
            "There is too little memory.",
            received=str(error).splitlines()[0] if str(error) else type(error).__name__,
            remedy="Lower batch_size, calibration_samples or profiled_samples; what was finished is kept.",
        ) from error


def _is_about_memory(error: Exception) -> bool:
    return (
        isinstance(error, MemoryError) or type(error).__name__ in _NAMES or any(word in str(error) for word in _WORDS)
    )
