# SPDX-License-Identifier: Apache-2.0
"""Benchmark results with given times, and noise as machines make it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tfsparse.bench.machine import Machine, Phone
from tfsparse.bench.result import SCHEMA_VERSION, BenchResult, Side
from tfsparse.bench.statistics import paired_ratio, summarize
from tfsparse.inspection.macs import Macs

MACHINE = Machine("board", "processor", "aarch64", 8, "Linux 6.1", 0.5, [], [0, 1], None)
PHONE = Phone(34, "arm64-v8a", 80, 31.5, False, False, "none", "light", 0.0)


def side(times: Sequence[float], **changes: Any) -> Side:
    """A model that took so long."""
    facts: dict[str, Any] = {
        "model": "model.tflite", "bytes": 1000, "delegate": "xnnpack", "macs": Macs(100, 50), "winner_rates": {},
        "init_ms": 1.0, "first_run_ms": 2.0, "latency_ms": summarize(times), "times_ms": list(map(float, times)),
        "peak_memory_bytes": None, "operators": [], "ranking_ms": 0.0, "rest_ms": 0.0, "accuracy": None,
    }  # fmt: skip
    return Side(**{**facts, **changes})


def result(sparse: Sequence[float], dense: Sequence[float] | None = None, **changes: Any) -> BenchResult:
    """A measurement of one model, or of two by turns."""
    speedup = None if dense is None else paired_ratio(dense, sparse)
    facts: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION, "date": "2026-01-01T00:00:00+00:00", "machine": MACHINE,
        "versions": {"tfsparse": "0.1.0", "library": "0.1.0", "runtime": "2.0", "python": None}, "runtime": "runtime",
        "isa": "neon", "threads": 1, "batch": 1, "input": "random", "sparse": side(sparse),
        "dense": None if dense is None else side(dense), "speedup": speedup,
        "mac_ratio": None, "fraction_of_limit": None,
    }  # fmt: skip
    return BenchResult(**{**facts, **changes})


def noisy(runs: int, generator: np.random.Generator, alike: float = 0.0, milliseconds: float = 1.0) -> np.ndarray:
    """Times that scatter by 3 %; `alike` is the correlation of neighbours."""
    noise = generator.normal(size=runs)
    for run in range(1, runs):
        noise[run] = alike * noise[run - 1] + np.sqrt(1 - alike**2) * noise[run]
    return milliseconds * np.exp(0.03 * noise)
