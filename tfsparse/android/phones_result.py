# SPDX-License-Identifier: Apache-2.0
"""What several phones measured, as `phones.schema.json` describes it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tfsparse.android.phone_state import PhoneState
from tfsparse.errors import TfsparseError

SCHEMA_VERSION = 1
SCHEMA_FILE = "phones.schema.json"
"""The JSON schema, beside this module."""

OK, FAILED, LOST, TIMED_OUT, CANCELLED = "ok", "failed", "lost", "timed out", "cancelled"


@dataclass(frozen=True)
class Problem:
    """An error in the parts that every error of tfsparse has."""

    problem: str
    expected: str | None
    received: str | None
    remedy: str | None

    @classmethod
    def of(cls, error: Exception) -> Problem:
        """The parts of an error; one of another kind is a problem only."""
        if not isinstance(error, TfsparseError):
            return cls(str(error), None, None, None)
        received = None if error.received is None else str(error.received)
        return cls(error.problem, error.expected, received, error.remedy)

    def __str__(self) -> str:
        return str(TfsparseError(self.problem, expected=self.expected, received=self.received, remedy=self.remedy))


@dataclass(frozen=True)
class Line:
    """What a measurement comes to: one line of the table.

    Attributes:
        what: What was measured, such as a model's name or a winner rate.
        sparse_ms: Milliseconds of the sparse side, or `None`.
        dense_ms: Milliseconds of the dense side, or `None`.
        speedup: Dense over sparse, or `None`.
        low: Lower end of the speed-up's interval, or `None`.
        high: Its upper end.
        accuracy: Of the sparse side, or `None`.
    """

    what: str
    sparse_ms: float | None
    dense_ms: float | None
    speedup: float | None
    low: float | None = None
    high: float | None = None
    accuracy: float | None = None


@dataclass(frozen=True)
class Measurement:
    """What a job brings home from one phone.

    Attributes:
        name: Name of the file that holds the content.
        content: What the phone wrote, byte by byte.
        result: The content, read.
        lines: What it comes to.
    """

    name: str
    content: bytes
    result: dict[str, Any]
    lines: Sequence[Line]


@dataclass(frozen=True)
class PhoneReport:
    """One phone.

    Attributes:
        serial: Serial number.
        phone: What it told about itself before, or `None` where it could not be asked.
        status: `ok`, `failed`, `lost`, `timed out` or `cancelled`.
        attempts: How often the measurement was begun.
        error: What went wrong, or `None`.
        result: What it measured, in the form that the job has, or `None`.
        lines: What that comes to.
    """

    serial: str
    phone: PhoneState | None
    status: str
    attempts: int
    error: Problem | None
    result: dict[str, Any] | None
    lines: Sequence[Line]


@dataclass(frozen=True)
class PhonesResult:
    """Every phone.

    Attributes:
        schema_version: Version of the JSON schema.
        date: When the measurement began, ISO 8601.
        kind: What measured: `app`, `native` or `benchmark_model`.
        settings: What was asked for, by name.
        phones: In the order in which they were named.
    """

    schema_version: int
    date: str
    kind: str
    settings: dict[str, Any]
    phones: Sequence[PhoneReport]

    def to_json(self) -> str:
        """The result as a JSON object that `phones.schema.json` describes."""
        return json.dumps(asdict(self), indent=2)
