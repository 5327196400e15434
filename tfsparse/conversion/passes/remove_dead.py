# SPDX-License-Identifier: Apache-2.0
"""Operators, tensors, buffers and operator codes that nothing needs any more leave the file."""

from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion import graph

_HAS_EFFECT = ("ASSIGN_VARIABLE", "CALL_ONCE", "HASHTABLE_IMPORT", "VAR_HANDLE", "HASHTABLE", "WHILE", "CALL", "IF")
"""Operators that do more than compute their outputs."""


def remove_dead(model: schema.ModelT) -> None:
    """Removes what does not reach an output."""
    for subgraph in model.subgraphs:
        _remove_operators(model, subgraph)
        _remove_tensors(model, subgraph)
    _remove_operator_codes(model)
    _remove_buffers(model)


def _remove_operators(model: schema.ModelT, subgraph: schema.SubGraphT) -> None:
    needed = {int(index) for index in subgraph.outputs}
    kept = []
    for operator in reversed(subgraph.operators):
        if graph.op_name(model, operator) in _HAS_EFFECT or not needed.isdisjoint(graph.outputs_of(operator)):
            kept.append(operator)
            needed |= set(graph.inputs_of(operator))
    subgraph.operators = kept[::-1]


def _remove_tensors(model: schema.ModelT, subgraph: schema.SubGraphT) -> None:
    position = model.subgraphs.index(subgraph)
    entries = [
        entry
        for signature in model.signatureDefs or ()
        if signature.subgraphIndex == position
        for entry in [*(signature.inputs or ()), *(signature.outputs or ())]
    ]
    used = {int(index) for index in [*subgraph.inputs, *subgraph.outputs]} | {entry.tensorIndex for entry in entries}
    for operator in subgraph.operators:
        intermediates = () if operator.intermediates is None else operator.intermediates
        used |= {*graph.inputs_of(operator), *graph.outputs_of(operator), *(int(i) for i in intermediates)}
    used.discard(graph.ABSENT)
    new = {old: index for index, old in enumerate(sorted(used))} | {graph.ABSENT: graph.ABSENT}
    subgraph.tensors = [subgraph.tensors[index] for index in sorted(used)]
    subgraph.inputs, subgraph.outputs = _renumbered(subgraph.inputs, new), _renumbered(subgraph.outputs, new)
    for operator in subgraph.operators:
        for field in ("inputs", "outputs", "intermediates"):
            if getattr(operator, field) is not None:
                setattr(operator, field, _renumbered(getattr(operator, field), new))
    for entry in entries:
        entry.tensorIndex = new[entry.tensorIndex]


def _renumbered(indices: np.ndarray, new: dict[int, int]) -> np.ndarray:
    return graph.as_indices([new[int(index)] for index in indices])


def _remove_operator_codes(model: schema.ModelT) -> None:
    operators = [operator for subgraph in model.subgraphs for operator in subgraph.operators]
    used = sorted({operator.opcodeIndex for operator in operators})
    new = {old: index for index, old in enumerate(used)}
    model.operatorCodes = [model.operatorCodes[index] for index in used]
    for operator in operators:
        operator.opcodeIndex = new[operator.opcodeIndex]


def _remove_buffers(model: schema.ModelT) -> None:
    """Keeps buffer 0, which is empty by convention, and lets all computed tensors share it."""
    tensors = [tensor for subgraph in model.subgraphs for tensor in subgraph.tensors]
    for tensor in tensors:
        if not graph.is_constant(model, tensor):
            tensor.buffer = 0
    entries = list(model.metadata or ())
    listed = [] if model.metadataBuffer is None else [int(index) for index in model.metadataBuffer]
    used = sorted({0, *listed, *(holder.buffer for holder in [*tensors, *entries])})
    new = {old: index for index, old in enumerate(used)}
    model.buffers = [model.buffers[index] for index in used]
    for holder in [*tensors, *entries]:
        holder.buffer = new[holder.buffer]
    if model.metadataBuffer is not None:
        model.metadataBuffer = _renumbered(model.metadataBuffer, new)
