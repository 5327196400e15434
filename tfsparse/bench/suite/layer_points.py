# SPDX-License-Identifier: Apache-2.0
"""Measures single layers."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tfsparse.bench.models.layers import CONV2D, LayerShape, dense_layer, random_input, winner_layer
from tfsparse.bench.operators import operator_times
from tfsparse.bench.suite.rows import Row
from tfsparse.bench.suite.settings import Settings
from tfsparse.runtime.interpreter import Interpreter
from tfsparse.winners import winner_count

SAMPLES = 4
"""Different inputs to run on by turns."""


@dataclass(frozen=True)
class LayerPoint:
    """A layer at one winner rate."""

    shape: LayerShape
    rate: float
    threads: int

    def measure(self, settings: Settings) -> list[Row]:
        """One row for each kernel."""
        samples = [[random_input(self.shape, seed)] for seed in range(SAMPLES)]
        kernels = kernels_of(self.shape)
        models = [winner_layer(self.shape, self.rate, kernel=kernel) for kernel in kernels]
        sparse = [Interpreter(model, self.threads, settings.runtime) for model in models]
        dense = dense_interpreter(self.shape, self.threads, settings.runtime)
        dense_times, *sparse_times = settings.time([dense, *sparse], samples)
        work = winner_count(self.rate, self.shape.channels) / self.shape.channels
        return [
            Row.from_times(
                dense_times,
                times,
                name=f"{self.shape.network} {self.shape.layer}",
                detail=str(self.shape),
                threads=self.threads,
                kernel=kernel,
                setting=self.rate,
                work=work,
                mac_share=work,
                ranking_ms=ranking_ms(model, samples, self.threads, settings),
            )
            for kernel, model, times in zip(kernels, models, sparse_times, strict=True)
        ]


def is_transformable(shape: LayerShape) -> bool:
    """Whether the layer can be computed with fewer multiplications than its MACs: 3x3 with stride 1."""
    return (shape.operator, shape.kernel, shape.stride) == (CONV2D, 3, 1)


def kernels_of(shape: LayerShape) -> tuple[str, ...]:
    """What to measure a layer with: where the library may transform it, without that too."""
    return ("auto", "direct") if is_transformable(shape) else ("auto",)


def ranking_ms(model: bytes, samples: list, threads: int, settings: Settings) -> float:
    """Time spent on finding winners, over all operators of a model."""
    operators = operator_times(model, samples, settings.least_rounds, threads, settings.runtime)
    return sum(operator.ranking_ms for operator in operators)


@functools.lru_cache(maxsize=1)
def dense_interpreter(shape: LayerShape, threads: int, runtime: str) -> Interpreter:
    """The dense layer; kept for the next setting."""
    return Interpreter(dense_layer(shape), threads, runtime)
