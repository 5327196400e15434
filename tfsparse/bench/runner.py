# SPDX-License-Identifier: Apache-2.0
"""Measures one model, or two by turns."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import numpy as np

import tfsparse
from tfsparse.bench.inputs import data_samples, random_samples
from tfsparse.bench.machine import PeakMemory, describe_machine
from tfsparse.bench.models.layers import LayerShape, dense_layer, random_input
from tfsparse.bench.operators import OperatorTime, operator_times_by_turns
from tfsparse.bench.probes import add_probes
from tfsparse.bench.result import SCHEMA_VERSION, BenchResult, Correct, Side
from tfsparse.bench.statistics import paired_ratio, summarize
from tfsparse.bench.timing import Samples, check_counts, time_by_turns, time_once
from tfsparse.errors import InvalidArgumentError
from tfsparse.evaluation import is_classifier, ranks_of_labels
from tfsparse.inspection import describe_model
from tfsparse.runtime.interpreter import Interpreter

Model = str | os.PathLike[str] | bytes

MAX_PROFILED_RUNS = 50

_NANOSECONDS = 6
"""Digits of a time in milliseconds that mean something."""


@dataclass(frozen=True)
class _Loaded:
    """A model that is ready to be timed, and what it took to get there."""

    model: Model
    interpreter: Interpreter
    samples: Samples
    first_run_ms: float
    peak_memory_bytes: int | None


def bench(
    sparse: Model,
    against: Model | None = None,
    *,
    threads: int = 1,
    runs: int = 100,
    warmup: int = 10,
    data: np.ndarray | None = None,
    data_name: str = "array",
    labels: np.ndarray | None = None,
    runtime: str = "auto",
    seed: int = 0,
    layers: bool = True,
    advance: Callable[[], None] = lambda: None,
) -> BenchResult:
    """Measures a model, and a second one run by turns with it in the same process.

    Args:
        sparse: Path of a `.tflite` file, or its content.
        against: The model to compare it with, usually the dense one; of the same input shape.
        threads: Threads of one run.
        runs: Timed runs of each model, at least 1.
        warmup: Runs of each before, not timed.
        data: Samples to run on, `[samples, ...]`; `None` for random ones.
        data_name: What to call `data` in the result.
        labels: Labels of the first samples of `data`: integers from 0. The accuracy is measured on these.
        runtime: Interpreter package, as in `tfsparse.Interpreter`.
        seed: Seed of random samples.
        layers: Whether to time the winner operators one by one, and the layers of `against`, too, if it is dense. In
            runs of their own, which leave the other figures alone.
        advance: Called `runs + warmup` times, for a progress bar, and for each model once more for every 100 labels.

    Raises:
        ModelFormatError: A file is no readable model.
        InvalidArgumentError: A count is out of range, or data or the second model do not fit.
        RuntimeUnavailableError: The interpreter package or the native library is missing.
    """
    check_counts(runs, warmup)
    labelled = _labelled(data, labels)
    date = datetime.now(timezone.utc).isoformat(timespec="seconds")
    _start_runtime(runtime)
    models = [sparse] if against is None else [sparse, against]
    loaded = [_load(model, threads, runtime, data, seed) for model in models]
    _check_same_inputs(loaded)
    times = time_by_turns([side.interpreter for side in loaded], loaded[0].samples, runs, warmup, advance)
    accuracies = [_accuracy(side.interpreter, labelled, advance) for side in loaded]
    operators = _operators(loaded, threads, min(runs, MAX_PROFILED_RUNS)) if layers else [[] for _ in loaded]
    sides = [_side(*measured) for measured in zip(loaded, times, accuracies, operators, strict=True)]
    dense = sides[1] if against is not None else None
    speedup = paired_ratio(times[1], times[0]) if dense else None
    mac_ratio = sides[0].macs.computed / dense.macs.computed if dense and dense.macs.computed else None
    return BenchResult(
        schema_version=SCHEMA_VERSION,
        date=date,
        machine=describe_machine(),
        versions=_versions(loaded),
        runtime=loaded[0].interpreter.runtime,
        isa=next((side.interpreter.library.isa for side in loaded if side.interpreter.library), None),
        threads=threads,
        batch=len(loaded[0].samples[0][0]) if loaded[0].samples[0][0].ndim else 1,
        input="random" if data is None else data_name,
        sparse=sides[0],
        dense=dense,
        speedup=speedup,
        mac_ratio=mac_ratio,
        fraction_of_limit=speedup.value * mac_ratio if speedup and mac_ratio else None,
    )


def _start_runtime(runtime: str) -> None:
    """Runs a tiny model, so that what the runtime itself takes to start is not counted for the first real one."""
    shape = LayerShape("", "", "conv2d", height=4, width=4, channels=4, outputs=4, kernel=1, stride=1)
    Interpreter(dense_layer(shape), runtime=runtime).predict(random_input(shape))


def _load(model: Model, threads: int, runtime: str, data: np.ndarray | None, seed: int) -> _Loaded:
    with PeakMemory() as peak:
        interpreter = Interpreter(model, threads, runtime)
        samples = random_samples(interpreter, seed) if data is None else data_samples(interpreter, data)
        first_run_ms = time_once(interpreter, samples[0])
    return _Loaded(model, interpreter, samples, first_run_ms, peak.bytes)


def _check_same_inputs(loaded: list[_Loaded]) -> None:
    shapes = [[(array.shape, array.dtype.name) for array in side.samples[0]] for side in loaded]
    if any(shape != shapes[0] for shape in shapes):
        raise InvalidArgumentError(
            "The two models take different inputs.", expected=str(shapes[0]), received=str(shapes[1])
        )


def _labelled(data: np.ndarray | None, labels: np.ndarray | None) -> tuple[np.ndarray, np.ndarray] | None:
    if labels is None:
        return None
    if data is None or not 0 < len(labels) <= len(data):
        raise InvalidArgumentError(
            "The samples and labels do not belong together.",
            expected="at least one label, and a sample for each",
            received=f"{0 if data is None else len(data)} samples, {len(labels)} labels",
        )
    return data[: len(labels)], labels


def _accuracy(
    interpreter: Interpreter, labelled: tuple[np.ndarray, np.ndarray] | None, advance: Callable[[], None]
) -> Correct | None:
    if labelled is None or not is_classifier(interpreter):
        return None
    ranks = ranks_of_labels(interpreter, *labelled, advance)
    return Correct(int(np.sum(ranks == 0)), len(ranks))


def _operators(loaded: list[_Loaded], threads: int, runs: int) -> list[list[OperatorTime]]:
    """The winner operators of each model, and the layers of a dense one beside a model with winner operators."""
    models = [side.model for side in loaded]
    has_winners = [side.interpreter.library is not None for side in loaded]
    if has_winners == [True, False]:
        models[1] = add_probes(models[1], like=models[0])
    return operator_times_by_turns(models, loaded[0].samples, runs, threads, loaded[0].interpreter.runtime)


def _side(loaded: _Loaded, times: list[float], accuracy: Correct | None, operators: list[OperatorTime]) -> Side:
    latency = summarize(times)
    description = describe_model(loaded.model)
    return Side(
        model="bytes" if description.source == "bytes" else Path(description.source).name,
        bytes=description.bytes,
        delegate="tfsparse" if loaded.interpreter.library else "xnnpack",
        macs=description.macs,
        winner_rates=description.winner_rates,
        init_ms=loaded.interpreter.init_ms,
        first_run_ms=loaded.first_run_ms,
        latency_ms=latency,
        times_ms=[round(milliseconds, _NANOSECONDS) for milliseconds in times],
        peak_memory_bytes=loaded.peak_memory_bytes,
        operators=operators,
        ranking_ms=sum(operator.ranking_ms for operator in operators),
        rest_ms=max(0.0, latency.median - sum(operator.total_ms for operator in operators)),
        accuracy=accuracy,
    )


def _versions(loaded: list[_Loaded]) -> dict[str, str | None]:
    libraries = [side.interpreter.library for side in loaded if side.interpreter.library]
    return {
        "tfsparse": tfsparse.__version__,
        "library": libraries[0].version if libraries else None,
        "runtime": loaded[0].interpreter.runtime_version,
        "python": platform.python_version(),
    }
