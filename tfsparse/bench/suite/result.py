# SPDX-License-Identifier: Apache-2.0
"""The result of the suite, as `suite.schema.json` describes it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from tfsparse.bench.machine import Machine
from tfsparse.bench.suite.rows import METRICS, Row
from tfsparse.bench.suite.targets import Verdict

SCHEMA_VERSION = 2
SCHEMA_FILE = "suite.schema.json"
"""The JSON schema, beside this module; it refers to that of single results."""


@dataclass(frozen=True)
class SectionResult:
    """A section as measured.

    Attributes:
        name: Its name on the command line.
        title: What was measured, for people.
        setting: What the rows' attribute `setting` is.
        metric: Name of the figure that counts.
        rows: The measurements.
        verdicts: What was to be reached, and whether it was.
    """

    name: str
    title: str
    setting: str
    metric: str
    rows: list[Row]
    verdicts: list[Verdict]

    def value(self, row: Row) -> float:
        """The figure that counts, of one row."""
        return METRICS[self.metric].value(row)


@dataclass(frozen=True)
class SuiteResult:
    """All sections that were measured, and the conditions.

    Attributes:
        schema_version: Version of the JSON schema.
        date: When the measurement began, ISO 8601.
        machine: Where it was made.
        versions: Versions of tfsparse, the native library, the runtime and Python.
        runtime: Interpreter package.
        isa: Instruction set of the winner operators.
        threads: Numbers of threads.
        winner_rates: Winner rates of the convolutions.
        sections: The sections.
    """

    schema_version: int
    date: str
    machine: Machine
    versions: dict[str, str]
    runtime: str
    isa: str
    threads: list[int]
    winner_rates: list[float]
    sections: list[SectionResult]

    @property
    def verdicts(self) -> list[Verdict]:
        """The verdicts of all sections."""
        return [verdict for section in self.sections for verdict in section.verdicts]

    def to_json(self) -> str:
        """The result as a JSON object that `suite.schema.json` describes."""
        return json.dumps(asdict(self), indent=2)
