# SPDX-License-Identifier: Apache-2.0
"""Gives tensors the names of the Keras layers that they come from."""

from __future__ import annotations

from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion import graph

UNMASKED = "/unmasked"
"""Suffix of tensors that hold more than their layer's output: a mask further on makes up for it."""


def call_name(path: str, index: int) -> str:
    """The name of a layer's output: its path in the model, with the number of the call if it is a later one.

    Example:

    >>> call_name("backbone/conv", 0), call_name("backbone/conv", 1)
    ('backbone/conv', 'backbone/conv#2')
    """
    return path if index == 0 else f"{path}#{index + 1}"


@dataclass(frozen=True)
class LayerOutput:
    """What a layer returned while the model was traced: the layer's name and the shape without the batch."""

    layer: str
    shape: tuple[int | None, ...]


def name_tensors(
    model: schema.ModelT, traced: dict[str, LayerOutput], inputs: dict[str, str], outputs: dict[str, str]
) -> None:
    """Renames computed tensors to their layers, inputs and outputs as in the signature, and puts those in order.

    The converter names a tensor after the graph operations that it merged into one, `"a/Relu;a/Conv2D"`; of these the
    last one in the order of execution made the value. Inputs and outputs come numbered, and shuffled.

    Args:
        model: Model as the converter wrote it; changed in place.
        traced: Graph operation → the layer whose output it is, in order of execution.
        inputs: Names of the inputs in the signature, in the model's order → names for their tensors.
        outputs: The same for the outputs.
    """
    main = model.subgraphs[0]
    computed = list(graph.producers_of(main))
    found = _matched_by_operation(main, computed, traced)
    found |= _matched_by_scope(main, [i for i in computed if i not in found], traced, set(found.values()))
    for index in computed:
        main.tensors[index].name = found.get(index) or _name_within_layer(graph.text(main.tensors[index].name), traced)
    for signature in model.signatureDefs or ():
        main.inputs = graph.as_indices(_in_order(main, signature.inputs, inputs))
        main.outputs = graph.as_indices(_in_order(main, signature.outputs, outputs))


def _matched_by_operation(
    subgraph: schema.SubGraphT, computed: list[int], traced: dict[str, LayerOutput]
) -> dict[int, str]:
    order = {operation: position for position, operation in enumerate(traced)}
    found = {}
    for index in computed:
        parts = [part for part in graph.text(subgraph.tensors[index].name).split(";") if part in order]
        if parts:
            found[index] = traced[max(parts, key=order.__getitem__)].layer
    return found


def _matched_by_scope(
    subgraph: schema.SubGraphT, computed: list[int], traced: dict[str, LayerOutput], taken: set[str]
) -> dict[int, str]:
    """Layers whose last operation the converter dropped, such as the addition of a zero bias: the last tensor of the
    layer's scope holds its output if the shape agrees."""
    last = {}
    for index in computed:
        last[graph.text(subgraph.tensors[index].name).rpartition("/")[0]] = index
    found = {}
    for operation, output in traced.items():
        index = last.get(operation.rpartition("/")[0], -1)
        if output.layer not in taken and index >= 0 and graph.shape_of(subgraph.tensors[index])[1:] == output.shape:
            found[index] = output.layer
    return found


def _name_within_layer(name: str, traced: dict[str, LayerOutput]) -> str:
    """The name of a tensor inside a layer, TensorFlow's scope replaced by the layer: `"dense/MatMul"`."""
    layer_of = {operation.rpartition("/")[0]: output.layer for operation, output in traced.items()}
    scope, rest = name.rpartition(";")[2], ""
    while scope:
        scope, _, last = scope.rpartition("/")
        rest = f"/{last}{rest}"
        if scope in layer_of:
            return layer_of[scope] + rest
    return name


def _in_order(subgraph: schema.SubGraphT, entries: list[schema.TensorMapT], names: dict[str, str]) -> list[int]:
    """Sorts numbered entries of a signature and names them; returns their tensors."""
    entries.sort(key=lambda entry: int(graph.text(entry.name).rpartition("_")[2]))
    for entry, (name, tensor_name) in zip(entries, names.items(), strict=True):
        entry.name = name
        subgraph.tensors[entry.tensorIndex].name = tensor_name
    return [int(entry.tensorIndex) for entry in entries]
