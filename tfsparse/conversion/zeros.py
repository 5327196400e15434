# SPDX-License-Identifier: Apache-2.0
"""Which layers gain by skipping the zeros of their input: by where they stand, or by what was measured."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.passes.skip_zeros import Candidate, Choose
from tfsparse.conversion.report import InputZeros
from tfsparse.runtime.interpreter import Inputs, Interpreter

BREAK_EVEN = 0.5
"""Share of zeros from which on skipping them is taken to pay; docs/results.md, "Zeros anywhere", has the measurement.

The native library, which knows the machine and looks at every input, has a break-even of its own for each shape.
"""

_KEEPS_ZEROS = {
    "RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "MAX_POOL_2D", "PAD", "PADV2", "RESHAPE", "EXPAND_DIMS", "SQUEEZE",
}  # fmt: skip
"""Operators whose result has zeros where their first input has, nearly so for pooling."""


def behind(layers: frozenset[str]) -> Choose:
    """Chooses what reads one of the named layers, directly or through operators that keep zeros."""

    def choose(model: schema.ModelT, candidates: list[Candidate]) -> list[Candidate]:
        return [candidate for candidate in candidates if not layers.isdisjoint(_layers_before(model, candidate))]

    return choose


def behind_any(model: schema.ModelT, candidates: list[Candidate]) -> list[Candidate]:
    """Chooses everything but what reads an input of the model, directly or through operators that keep zeros."""
    return [
        candidate
        for candidate in candidates
        if list(_sources(model, candidate))[-1] in graph.producers_of(candidate.subgraph)
    ]


class MeasuredZeros:
    """Chooses, of what `behind_any` chooses in the main graph, the layers in whose input `BREAK_EVEN` are zeros.

    Args:
        x: Samples to measure on, as `tfsparse.Interpreter.predict` takes them.

    Attributes:
        found: What was measured, once it has chosen.
    """

    def __init__(self, x: Inputs) -> None:
        self._x = x
        self.found: tuple[InputZeros, ...] = ()

    def __call__(self, model: schema.ModelT, candidates: list[Candidate]) -> list[Candidate]:
        main = model.subgraphs[0]  # tensors of other subgraphs cannot be read
        candidates = [candidate for candidate in behind_any(model, candidates) if candidate.subgraph is main]
        names = [graph.text(main.tensors[candidate.source].name) for candidate in candidates]
        shares = share_of_zeros(serialize(model), frozenset(names), self._x)
        measured = [shares[name] for name in names]
        self.found = tuple(
            InputZeros(candidate.options.layer, share, share >= BREAK_EVEN)
            for candidate, share in zip(candidates, measured, strict=True)
        )
        return [candidate for candidate, share in zip(candidates, measured, strict=True) if share >= BREAK_EVEN]


def share_of_zeros(model: bytes, tensors: Collection[str], x: Inputs) -> dict[str, float]:
    """The share of zeros in the named tensors of a `.tflite` model over all samples.

    Args:
        model: Content of the file.
        tensors: Names of tensors that are computed.
        x: Samples, as `tfsparse.Interpreter.predict` takes them.
    """
    zeros, sizes = dict.fromkeys(tensors, 0), dict.fromkeys(tensors, 0)
    for values in Interpreter(model, keep_tensors=True).observe(x, tensors):
        for name, value in values.items():
            zeros[name] += value.size - int(np.count_nonzero(value))
            sizes[name] += value.size
    return {name: zeros[name] / sizes[name] for name in tensors}


def _sources(model: schema.ModelT, candidate: Candidate) -> Iterator[int]:
    """The tensor that a candidate reads, and those before it whose zeros are zeros of it, too."""
    producers = graph.producers_of(candidate.subgraph)
    source = candidate.source
    yield source
    while source in producers and graph.op_name(model, producers[source]) in _KEEPS_ZEROS:
        source = graph.inputs_of(producers[source])[0]
        yield source


def _layers_before(model: schema.ModelT, candidate: Candidate) -> Iterator[str]:
    for source in _sources(model, candidate):
        yield graph.text(candidate.subgraph.tensors[source].name).partition("#")[0]  # "#2": a later call of the layer
