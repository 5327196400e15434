# SPDX-License-Identifier: Apache-2.0
"""Cuts the graph of a dense model into its layers and what lies between them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph
from tfsparse.inspection.macs import operator_macs

_PADDINGS = ("PAD", "PADV2")
_ACTIVATIONS = ("RELU", "RELU6", "RELU_N1_TO_1")
"""What a runtime folds into the layer before, as the converter does where it can."""


@dataclass(frozen=True)
class Segment:
    """Operators that run one after the other.

    Attributes:
        layer: Name of the layer, which is that of its tensor; `""` for what lies between layers.
        operator: What it is: the builtin operator of a layer, or of what lies between all of them.
        filter_shape: Shape of a layer's weights.
        operators: In the order of execution.
    """

    layer: str
    operator: str
    filter_shape: tuple[int, ...]
    operators: tuple[schema.OperatorT, ...]


def split(model: schema.ModelT) -> list[Segment]:
    """Cuts the main graph into segments, in the order of execution.

    A layer is a builtin operator that multiplies by weights, with the padding that it alone reads and the activation
    function that alone reads it: what a winner operator does. All other operators between two layers are one segment.

    Args:
        model: Any model. Operators that compute from constants alone are in no segment; winner operators are no layers
            here, since the native library times them.
    """
    main = model.subgraphs[0]
    constants = constant_tensors(model)
    groups = {id(op): _group(model, main, op) for op in main.operators if _is_layer(model, main, op)}
    attached = {id(member) for group in groups.values() for member in group}
    segments: list[Segment] = []
    between: list[schema.OperatorT] = []
    for operator in main.operators:
        if constants.issuperset(graph.outputs_of(operator)) and graph.outputs_of(operator):
            continue
        if id(operator) in groups:
            segments += [*_rest(model, between), _layer(model, main, operator, groups[id(operator)])]
            between = []
        elif id(operator) not in attached:
            between.append(operator)
    return [*segments, *_rest(model, between)]


def constant_tensors(model: schema.ModelT) -> set[int]:
    """Tensors of the main graph that the file holds, or that follow from those: weights that are unpacked, say."""
    main = model.subgraphs[0]
    found = {index for index, tensor in enumerate(main.tensors) if graph.is_constant(model, tensor)}
    for operator in main.operators:
        inputs = [index for index in graph.inputs_of(operator) if index != graph.ABSENT]
        if inputs and found.issuperset(inputs):
            found.update(graph.outputs_of(operator))
    return found


def _is_layer(model: schema.ModelT, main: schema.SubGraphT, operator: schema.OperatorT) -> bool:
    return graph.op_name(model, operator) not in ops.WINNER_OPS and operator_macs(model, main, operator).dense > 0


def _group(model: schema.ModelT, main: schema.SubGraphT, layer: schema.OperatorT) -> tuple[schema.OperatorT, ...]:
    """The layer's operator with its padding and its activation function."""
    source, result = graph.inputs_of(layer)[0], graph.outputs_of(layer)[0]
    before = graph.producers_of(main).get(source)
    after = graph.only_reader(main, result)
    pads = before is not None and graph.op_name(model, before) in _PADDINGS
    padding = [before] if pads and graph.only_reader(main, source) is layer else []
    activation = [after] if after is not None and graph.op_name(model, after) in _ACTIVATIONS else []
    return (*padding, layer, *activation)


def _layer(
    model: schema.ModelT, main: schema.SubGraphT, operator: schema.OperatorT, group: tuple[schema.OperatorT, ...]
) -> Segment:
    result = graph.outputs_of(operator)[0]
    name = graph.text(main.tensors[result].name) or f"tensor {result}"
    weights = main.tensors[graph.inputs_of(operator)[1]]
    return Segment(name, graph.op_name(model, operator), graph.shape_of(weights), group)


def _rest(model: schema.ModelT, operators: list[schema.OperatorT]) -> Iterable[Segment]:
    if operators:
        names = dict.fromkeys(graph.op_name(model, operator) for operator in operators)
        yield Segment("", " + ".join(names), (), tuple(operators))
