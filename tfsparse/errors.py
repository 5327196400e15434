# SPDX-License-Identifier: Apache-2.0
"""The errors that tfsparse raises on purpose: each says what was wrong, what was expected, what came, what to do."""

from __future__ import annotations


class TfsparseError(Exception):
    """Base of every error that tfsparse raises on purpose.

    Args:
        problem: What was wrong, one sentence.
        expected: What would have been right, or `None`.
        received: What came instead; shown with `repr` unless it is a string. `None` hides it.
        remedy: What the reader can do about it, or `None`.

    Example:

    >>> print(TfsparseError("Bad rate.", expected="a number in (0, 1]", received=1.5, remedy="Lower it."))
    Bad rate. Expected: a number in (0, 1]. Received: 1.5. Lower it.
    """

    def __init__(
        self, problem: str, *, expected: str | None = None, received: object = None, remedy: str | None = None
    ) -> None:
        self.problem = problem
        self.expected = expected
        self.received = received
        self.remedy = remedy
        super().__init__(" ".join(self._parts()))

    def _parts(self) -> list[str]:
        parts = [self.problem]
        if self.expected is not None:
            parts.append(f"Expected: {self.expected}.")
        if self.received is not None:
            shown = self.received if isinstance(self.received, str) else repr(self.received)
            parts.append(f"Received: {shown}.")
        if self.remedy is not None:
            parts.append(self.remedy)
        return parts


class InvalidArgumentError(TfsparseError, ValueError):
    """An argument is outside what the function accepts."""


class UnsupportedModelError(TfsparseError, ValueError):
    """A Keras model or layer is of a kind that the operation cannot work on."""


class ModelFormatError(TfsparseError, ValueError):
    """A file is no model that tfsparse can read: missing, truncated, damaged, or of another format."""


class ConversionError(TfsparseError):
    """A model could not be converted or written."""


class RuntimeUnavailableError(TfsparseError):
    """An interpreter package or the native library is not there, or is too old for the model."""


class TrainingError(TfsparseError):
    """A training cannot go on; what it had reached is kept."""


class PhoneError(TfsparseError):
    """A phone or the program that reaches it, adb, did not do what it was asked to."""


class PhoneLostError(PhoneError):
    """The connection to a phone is gone; it may come back."""
