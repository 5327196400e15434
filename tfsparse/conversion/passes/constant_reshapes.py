# SPDX-License-Identifier: Apache-2.0
"""RESHAPEs whose target is computed at run time become RESHAPEs to a constant.

Keras flattens to `(batch size of the input, ...)`. The operators that compute this target keep a delegate from taking
the RESHAPE, for nothing: only the batch is open, and -1 says the same.
"""

from __future__ import annotations

from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion import graph
from tfsparse.conversion.rewrite import add_constant


def make_reshapes_constant(model: schema.ModelT) -> None:
    """Gives each RESHAPE a constant target where one of -1 and known sizes is right for every batch."""
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            inputs = graph.inputs_of(operator)
            if graph.op_name(model, operator) != "RESHAPE" or len(inputs) != 2:
                continue
            if graph.is_constant(model, subgraph.tensors[inputs[1]]):
                continue
            target = _target(model, subgraph, operator)
            if target is not None:
                name = graph.text(subgraph.tensors[graph.outputs_of(operator)[0]].name) + "/shape"
                operator.inputs = graph.as_indices([inputs[0], add_constant(model, subgraph, target, name)])
                operator.builtinOptions = schema.ReshapeOptionsT(newShape=graph.as_indices(target))
                operator.builtinOptionsType = schema.BuiltinOptions.ReshapeOptions


def _target(model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT) -> list[int] | None:
    """The shape that the RESHAPE gives, -1 where it is open; `None` if more than one size is open."""
    elements = graph.element_count(subgraph.tensors[graph.inputs_of(operator)[0]])
    output = graph.outputs_of(operator)[0]
    tensor = subgraph.tensors[output]
    readers = graph.consumers_of(subgraph)[output]
    widths = {_matmul_width(model, subgraph, reader, output) for reader in readers}
    width = widths.pop() if len(widths) == 1 and output not in subgraph.outputs else None
    if width is not None and len(graph.shape_of(tensor)) == 2 and elements % width == 0:
        for index in [output, *(graph.outputs_of(reader)[0] for reader in readers)]:
            _set_rows(subgraph.tensors[index], elements // width)
        tensor.shape = graph.as_indices([elements // width, width])
        tensor.shapeSignature = graph.as_indices([-1, width])
        return [-1, width]
    target = graph.shape_of(tensor) if tensor.shapeSignature is None else tuple(tensor.shapeSignature)
    certain = target.count(-1) <= 1 and graph.element_count(tensor) == elements
    return [int(size) for size in target] if certain else None


def _matmul_width(
    model: schema.ModelT, subgraph: schema.SubGraphT, reader: schema.OperatorT, tensor: int
) -> int | None:
    """The row length that a FULLY_CONNECTED takes from its weights, if the reader is one."""
    inputs = graph.inputs_of(reader)
    if graph.op_name(model, reader) != "FULLY_CONNECTED" or inputs[0] != tensor:
        return None
    weights = graph.shape_of(subgraph.tensors[inputs[1]])
    return weights[1] if len(weights) == 2 else None


def _set_rows(tensor: schema.TensorT, rows: int) -> None:
    """Fills in the number of rows, which the converter could not tell."""
    shape = graph.shape_of(tensor)
    if len(shape) == 2:
        tensor.shape = graph.as_indices([rows, shape[1]])
