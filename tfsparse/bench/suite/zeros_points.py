# SPDX-License-Identifier: Apache-2.0
"""Measures single convolutions on inputs with zeros anywhere, as networks without winners-take-all layers have them."""

from __future__ import annotations

from dataclasses import dataclass

from tfsparse.bench.models.layers import LayerShape, input_with_zeros, zero_skipping_conv
from tfsparse.bench.suite.layer_points import SAMPLES, dense_interpreter, kernels_of
from tfsparse.bench.suite.rows import Row
from tfsparse.bench.suite.settings import Settings
from tfsparse.runtime.interpreter import Interpreter


@dataclass(frozen=True)
class ZerosPoint:
    """A convolution at one share of zeros."""

    shape: LayerShape
    zeros: float
    threads: int

    def measure(self, settings: Settings) -> list[Row]:
        """One row for each kernel."""
        samples = [[input_with_zeros(self.shape, self.zeros, seed)] for seed in range(SAMPLES)]
        kernels = kernels_of(self.shape)
        models = [zero_skipping_conv(self.shape, kernel=kernel) for kernel in kernels]
        sparse = [Interpreter(model, self.threads, settings.runtime) for model in models]
        dense = dense_interpreter(self.shape, self.threads, settings.runtime)
        dense_times, *sparse_times = settings.time([dense, *sparse], samples)
        return [
            Row.from_times(
                dense_times,
                times,
                name=f"{self.shape.network} {self.shape.layer}",
                detail=str(self.shape),
                threads=self.threads,
                kernel=kernel,
                setting=self.zeros,
                work=1.0 - self.zeros,
                mac_share=1.0 - self.zeros,
                ranking_ms=0.0,
            )
            for kernel, times in zip(kernels, sparse_times, strict=True)
        ]
