# SPDX-License-Identifier: Apache-2.0
"""The result of a benchmark, as `result.schema.json` describes it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from tfsparse.bench.machine import Machine
from tfsparse.bench.operators import OperatorTime
from tfsparse.bench.statistics import Interval, Summary
from tfsparse.inspection.macs import Macs

SCHEMA_VERSION = 2
SCHEMA_FILE = "result.schema.json"
"""The JSON schema, beside this module."""


@dataclass(frozen=True)
class Correct:
    """How many labelled samples a classifier gets right.

    Attributes:
        correct: Samples whose highest score is at the label.
        samples: All of them.
    """

    correct: int
    samples: int


@dataclass(frozen=True)
class Side:
    """One of the models that were measured.

    Attributes:
        model: Name of the file, or `"bytes"`.
        bytes: Size of the file.
        delegate: What ran the operators: `tfsparse` (the winner operators' library, beside XNNPACK), `xnnpack`, `cpu`
            (the runtime's own kernels), `gpu` or `nnapi`.
        macs: MACs of one run.
        winner_rates: Name of each layer that selects winners → its winner rate.
        init_ms: Time until the runtime had loaded and prepared the model.
        first_run_ms: Time of the first run, in which memory is cold.
        latency_ms: Statistics of the timed runs.
        times_ms: Every timed run in the order of measurement; those of equal place on both sides are a pair.
        peak_memory_bytes: The most memory held while loading and running once, over what the process held before, or
            `None` where the system does not tell.
        operators: Time inside each winner operator; of a dense model that is compared with a sparse one, time of each
            layer, called as in the sparse one.
        ranking_ms: Time spent on finding winners, over all operators.
        rest_ms: Time outside of `operators`.
        accuracy: On the labelled data, or `None` where there were no labels or the model is no classifier.
    """

    model: str
    bytes: int
    delegate: str
    macs: Macs
    winner_rates: dict[str, float]
    init_ms: float
    first_run_ms: float
    latency_ms: Summary
    times_ms: list[float]
    peak_memory_bytes: int | None
    operators: list[OperatorTime]
    ranking_ms: float
    rest_ms: float
    accuracy: Correct | None


@dataclass(frozen=True)
class BenchResult:
    """Two models side by side, or one alone.

    Attributes:
        schema_version: Version of the JSON schema.
        date: When the measurement began, ISO 8601.
        machine: Where it was made.
        versions: Versions of tfsparse, the native library, the runtime and Python.
        runtime: Interpreter package.
        isa: Instruction set of the winner operators, or `None` where neither model has any.
        threads: Threads of one run.
        batch: Samples of one run.
        input: `"random"`, or the path of the data.
        sparse: The model that was asked for.
        dense: The model it was compared with, or `None`.
        speedup: Dense time over sparse time, median of the pairs, or `None`.
        mac_ratio: MACs computed by the sparse model over those of the dense one, or `None`.
        fraction_of_limit: Speed-up times MAC ratio: 1 where every MAC saved is time saved, or `None`.
    """

    schema_version: int
    date: str
    machine: Machine
    versions: dict[str, str | None]
    runtime: str
    isa: str | None
    threads: int
    batch: int
    input: str
    sparse: Side
    dense: Side | None
    speedup: Interval | None
    mac_ratio: float | None
    fraction_of_limit: float | None

    def to_json(self) -> str:
        """The result as a JSON object that `result.schema.json` describes."""
        return json.dumps(asdict(self), indent=2)
