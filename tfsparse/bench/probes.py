# SPDX-License-Identifier: Apache-2.0
"""Puts probes between the layers of a dense model, so that a stock interpreter tells the time of each."""

from __future__ import annotations

import os
from collections.abc import Iterable

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.bench.layer_names import rename_like
from tfsparse.bench.segments import Segment, constant_tensors, split
from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.errors import InvalidArgumentError

Model = str | os.PathLike[str] | bytes

PROBED = "/probed"
"""Suffix of tensors that went through a probe."""

_UNPROBED = "/unprobed"
_START = Segment("", "", (), ())


def add_probes(model: Model, like: Model | None = None) -> bytes:
    """The same network with a probe before and after each layer.

    A layer is a convolution or fully connected operator with its padding and activation function. A probe hands on the
    tensors that the layer after it reads, so that a runtime and its delegates (XNNPACK) cannot run anything of that
    layer before it, and the native library measures the time from probe to probe. The results of the network stay the
    same, bit by bit.

    Run it as any model with winner operators; `Interpreter(..., profiling=True).profile()`, or the C function
    `tfsparse_profile_json`, then has one entry for each probe: its `layer` is `""` where no layer ran before it, its
    `kernel` the operator that it timed, and `phases["layer"]` the nanoseconds.

    Args:
        model: Path of a dense `.tflite` model of any type, or its content.
        like: A model made from the same network, usually the sparse one. Layers are then called as in it: by their own
            name where it has one of that name, else by their order and the shapes of their weights.

    Returns:
        The content of the `.tflite` file with probes.

    Raises:
        ModelFormatError: A file is no readable model.
        InvalidArgumentError: The model has winner operators, which the library times anyway, or probes already.
    """
    network = read_model(model)
    _refuse_own_operators(network)
    segments = split(network)
    if like is not None:
        segments = rename_like(segments, read_model(like))
    _insert(network, segments)
    return serialize(network)


def _refuse_own_operators(model: schema.ModelT) -> None:
    names = {graph.op_name(model, operator) for operator in model.subgraphs[0].operators}
    if own := sorted(names & ops.WINNER_OPS.keys()):
        raise InvalidArgumentError(
            "Only a dense model can be given probes.",
            expected="a model without operators of tfsparse, which the native library times anyway",
            received=f"one with {', '.join(own)}",
        )


def _insert(model: schema.ModelT, segments: list[Segment]) -> None:
    main = model.subgraphs[0]
    cuts = _cuts(model, segments)
    current: dict[int, int] = {}  # tensor → its copy behind the last probe that it went through
    placed = {id(operator) for segment in segments for operator in segment.operators}
    plan = [operator for operator in main.operators if id(operator) not in placed]
    probes = []
    for segment, cut in zip([_START, *segments], cuts, strict=True):
        for operator in segment.operators:
            operator.inputs = graph.as_indices([current.get(index, index) for index in graph.inputs_of(operator)])
        plan += segment.operators
        if not cut:
            continue
        ascending = sorted(cut, key=lambda index: current.get(index, index))  # as the native library wants them
        before = [current.get(index, index) for index in ascending]
        after = [rewrite.add_like(main, i, graph.text(main.tensors[i].name) + PROBED) for i in ascending]
        current.update(zip(ascending, after, strict=True))
        probe = rewrite.winner_operator(model, ops.Probe(segment.layer, segment.operator), before, after)
        probes.append(probe)
        plan.append(probe)
    main.operators = plan
    _add_clocks(main, probes)
    _redirect_outputs(model, current)


def _cuts(model: schema.ModelT, segments: list[Segment]) -> list[set[int]]:
    """The tensors that go through the probe before the first segment, and through those after each.

    These are what the segment made and later ones read, and of each operator in the next segment one input, so that
    all of the segment runs before the probe and all of the next one after it. Further tensors may pass by.
    """
    main = model.subgraphs[0]
    constants = constant_tensors(model)
    read = [{index for operator in segment.operators for index in graph.inputs_of(operator)} for segment in segments]
    made: list[Iterable[int]] = [[int(index) for index in main.inputs]]
    made += [[i for operator in segment.operators for i in graph.outputs_of(operator)] for segment in segments]
    cuts = []
    for position, results in enumerate(made):
        returned = {int(index) for index in main.outputs} if position else set()
        later = returned.union(*read[position:])
        cut = {index for index in results if index in later and _can_pass(main, index)}
        if position < len(segments):
            cut |= _entries(main, segments[position], cut, constants)
        cuts.append(cut)
    return cuts


def _entries(main: schema.SubGraphT, segment: Segment, cut: set[int], constants: set[int]) -> set[int]:
    """One input of each operator that could otherwise run before the probe."""
    bound = set(cut)
    entries = set()
    for operator in segment.operators:
        inputs = [index for index in graph.inputs_of(operator) if index != graph.ABSENT and index not in constants]
        if bound.isdisjoint(inputs):
            entries.update([index for index in inputs if _can_pass(main, index)][:1])
        bound |= entries.union(graph.outputs_of(operator))
    return entries


def _can_pass(main: schema.SubGraphT, index: int) -> bool:
    """Whether a probe can copy the tensor: not strings, resources, or the state of an operator."""
    tensor = main.tensors[index]
    return graph.TENSOR_TYPE_NAMES[tensor.type] in graph.BITS and not tensor.isVariable


def _add_clocks(main: schema.SubGraphT, probes: list[schema.OperatorT]) -> None:
    """The clock that goes from each probe to the next, in tensors whose indices are higher than all others."""
    clock = graph.ABSENT
    for number, probe in enumerate(probes):
        probe.inputs = graph.as_indices([*graph.inputs_of(probe), clock])
        if probe is probes[-1]:
            break
        tensor = schema.TensorT(type=schema.TensorType.INT64, buffer=0, name=f"clock {number}", hasRank=True)
        tensor.shape = graph.as_indices([1])
        clock = rewrite.add_tensor(main, tensor)
        probe.outputs = graph.as_indices([*graph.outputs_of(probe), clock])


def _redirect_outputs(model: schema.ModelT, current: dict[int, int]) -> None:
    """Lets the model return what went through probes, under the old names."""
    main = model.subgraphs[0]
    for index in {int(index) for index in main.outputs} & current.keys() - {int(index) for index in main.inputs}:
        old, new = main.tensors[index], main.tensors[current[index]]
        old.name, new.name = graph.text(old.name) + _UNPROBED, old.name
        rewrite.redirect_outputs(model, main, index, current[index])
