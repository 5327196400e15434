# SPDX-License-Identifier: Apache-2.0
"""What a setting costs: MACs, which are counted, or milliseconds, which are measured."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np

from tfsparse.bench.machine import describe_machine
from tfsparse.bench.result import BenchResult
from tfsparse.bench.runner import bench
from tfsparse.conversion.converter import convert
from tfsparse.search.knobs import Levels
from tfsparse.search.tunable import TunableModel
from tfsparse.surgery.sparsify import sparsify

Cost = Callable[[Levels], float]
"""What a setting costs for one sample."""


class Milliseconds:
    """Converts the model with a setting and runs it by turns with the dense one in the stock interpreter.

    A time is the dense model's, measured once, over the speed-up that was measured: so a machine that slows down
    between two settings slows down the dense runs beside them as well, and does not count against the second one.

    Args:
        tunable: The model.
        samples: Samples to run on, `[samples, ...]`.
        runs: Timed runs of either model for each setting, at least 1.
        threads: Threads of a run, at least 1.
    """

    def __init__(self, tunable: TunableModel, samples: np.ndarray, runs: int, threads: int) -> None:
        self._tunable = tunable
        self._samples = samples
        self._runs = runs
        self._threads = threads
        self._dense = _converted(tunable.source)
        self.dense_ms = self._bench(self._dense, None).sparse.latency_ms.median

    def __call__(self, levels: Levels) -> float:
        rates = self._tunable.rates(levels)
        if not rates:
            return self.dense_ms
        speedup = self._bench(_converted(sparsify(self._tunable.source, rates)), self._dense).speedup
        return self.dense_ms / speedup.value if speedup else self.dense_ms

    def _bench(self, sparse: bytes, dense: bytes | None) -> BenchResult:
        return bench(
            sparse,
            dense,
            data=self._samples,
            runs=self._runs,
            threads=self._threads,
            layers=False,
        )


def machine_name() -> str:
    """The machine that times are measured on, as far as they depend on it."""
    machine = describe_machine()
    return f"{machine.soc}, {machine.cores} cores, {machine.architecture}"


def _converted(model: keras.Model) -> bytes:
    with tempfile.TemporaryDirectory(prefix="tfsparse-search-") as folder:
        path = Path(folder) / "model.tflite"
        convert(model, path)
        return path.read_bytes()
