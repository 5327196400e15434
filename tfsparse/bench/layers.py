# SPDX-License-Identifier: Apache-2.0
"""How near the winner operators come to their limit, layer by layer.

At winner rate p the limit is a speed-up of 1/p over the dense layer. `efficiency` is the share of it that is reached:
p * dense time / sparse time, ranking and gathering included.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from tfsparse.bench.machine import Machine, describe_machine
from tfsparse.bench.models.layers import LayerShape, dense_layer, random_input, winner_layer
from tfsparse.bench.operators import operator_times
from tfsparse.bench.statistics import Interval, paired_ratio, summarize
from tfsparse.bench.timing import check_counts, time_by_turns
from tfsparse.runtime.interpreter import Interpreter
from tfsparse.runtime.library import load_library
from tfsparse.winners import winner_count

_PROFILED_RUNS = 20


@dataclass(frozen=True)
class LayerResult:
    """One layer at one winner rate.

    Attributes:
        shape: The layer.
        winner_rate: Winners over channels, after rounding to whole channels.
        dense_ms: Median time of the dense layer.
        sparse_ms: Median time of the selection and the winner operator.
        efficiency: Share of the limit that is reached, and its interval.
        ranking_ms: Time spent on finding the winners.
        phases_ms: Time in each phase of the winner operators.
    """

    shape: LayerShape
    winner_rate: float
    dense_ms: float
    sparse_ms: float
    efficiency: Interval
    ranking_ms: float
    phases_ms: dict[str, float]


@dataclass(frozen=True)
class LayerReport:
    """Every layer at every winner rate, and the conditions of the measurement."""

    machine: Machine
    isa: str
    runtime: str
    runtime_version: str
    threads: int
    runs: int
    layers: list[LayerResult]

    def mean_efficiency(self, winner_rate: float | None = None, network: str | None = None) -> float:
        """Geometric mean of the efficiency over the layers of one network, or all, at one winner rate, or all.

        Args:
            winner_rate: Only layers that were asked to run at this rate.
            network: Only layers of this network.
        """
        chosen = [
            result.efficiency.value
            for result in self.layers
            if network in (None, result.shape.network)
            and (winner_rate is None or result.winner_rate == exact_rate(result.shape, winner_rate))
        ]
        return math.exp(sum(map(math.log, chosen)) / len(chosen))

    def to_json(self) -> str:
        """The report as a JSON object, its keys named like the attributes."""
        return json.dumps({**asdict(self), "mean_efficiency": self.mean_efficiency()}, indent=2)


def exact_rate(shape: LayerShape, winner_rate: float) -> float:
    """The share of the channels that really wins: a whole number of them."""
    return winner_count(winner_rate, shape.channels) / shape.channels


def bench_layers(
    shapes: Sequence[LayerShape],
    rates: Sequence[float],
    *,
    threads: int = 1,
    runs: int = 100,
    warmup: int = 10,
    runtime: str = "auto",
    advance: Callable[[], None] = lambda: None,
) -> LayerReport:
    """Measures each layer at each winner rate against its dense twin, by turns in one process.

    Args:
        shapes: The layers, at least one.
        rates: Winner rates in (0, 1], at least one.
        threads: Threads of both.
        runs: Timed runs of each, at least 1.
        warmup: Runs of each before, not timed.
        runtime: Interpreter package, as in `tfsparse.Interpreter`.
        advance: Called after each layer and rate.

    Raises:
        InvalidArgumentError: A rate, a count or the runtime is not what it should be.
        RuntimeUnavailableError: The interpreter package or the native library is missing.
    """
    check_counts(runs, warmup)
    results = []
    for shape in shapes:
        dense = Interpreter(dense_layer(shape), threads, runtime)
        for rate in rates:
            results.append(_measure(shape, rate, dense, threads, runs, warmup))
            advance()
    return LayerReport(
        describe_machine(), load_library().isa, dense.runtime, dense.runtime_version, threads, runs, results
    )


def _measure(shape: LayerShape, rate: float, dense: Interpreter, threads: int, runs: int, warmup: int) -> LayerResult:
    model = winner_layer(shape, rate)
    samples = [[random_input(shape, seed)] for seed in range(4)]
    sparse = Interpreter(model, threads, dense.runtime)
    dense_times, sparse_times = time_by_turns([dense, sparse], samples, runs, warmup)
    ratio = paired_ratio(dense_times, sparse_times)
    share = exact_rate(shape, rate)
    operators = operator_times(model, samples, _PROFILED_RUNS, threads, dense.runtime)
    phases: Counter[str] = Counter()
    for operator in operators:
        phases.update(operator.phases_ms)
    return LayerResult(
        shape=shape,
        winner_rate=share,
        dense_ms=summarize(dense_times).median,
        sparse_ms=summarize(sparse_times).median,
        efficiency=Interval(share * ratio.value, share * ratio.low, share * ratio.high),
        ranking_ms=sum(operator.ranking_ms for operator in operators),
        phases_ms=dict(phases),
    )
