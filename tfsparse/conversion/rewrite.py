# SPDX-License-Identifier: Apache-2.0
"""What the passes need to change a graph."""

from __future__ import annotations

import copy

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph
from tfsparse.conversion.op_codec import encode_options

_EMPTY_BUFFER = 0
"""By convention the first buffer is the empty one, for tensors that are computed."""


def add_tensor(subgraph: schema.SubGraphT, tensor: schema.TensorT) -> int:
    """Appends a tensor; returns its index."""
    subgraph.tensors.append(tensor)
    return len(subgraph.tensors) - 1


def add_like(subgraph: schema.SubGraphT, index: int, name: str) -> int:
    """Appends a computed tensor of the same shape and type as another; returns its index."""
    tensor = copy.copy(subgraph.tensors[index])
    tensor.buffer = _EMPTY_BUFFER
    tensor.name = name
    return add_tensor(subgraph, tensor)


def add_winners(subgraph: schema.SubGraphT, like: int, winners: int, name: str) -> int:
    """Appends the int32 tensor `[batch, winners]` with the batch of another tensor; returns its index."""
    source = subgraph.tensors[like]
    tensor = schema.TensorT(type=schema.TensorType.INT32, buffer=_EMPTY_BUFFER, name=name, hasRank=True)
    tensor.shape = graph.as_indices([graph.shape_of(source)[0], winners])
    if source.shapeSignature is not None:
        tensor.shapeSignature = graph.as_indices([int(source.shapeSignature[0]), winners])
    return add_tensor(subgraph, tensor)


def add_scores(subgraph: schema.SubGraphT, like: int, suffix: str) -> int:
    """Appends the float32 tensor `[batch, channels]` of the scores of a map; returns its index."""
    source = subgraph.tensors[like]
    tensor = schema.TensorT(type=schema.TensorType.FLOAT32, buffer=_EMPTY_BUFFER, hasRank=True)
    tensor.name = graph.text(source.name) + suffix
    shape = graph.shape_of(source)
    tensor.shape = graph.as_indices([shape[0], shape[-1]])
    if source.shapeSignature is not None:
        tensor.shapeSignature = graph.as_indices([int(source.shapeSignature[0]), int(source.shapeSignature[-1])])
    return add_tensor(subgraph, tensor)


def add_constant(model: schema.ModelT, subgraph: schema.SubGraphT, values: list[int], name: str) -> int:
    """Appends a constant int32 vector; returns its index."""
    data = np.asarray(values, np.int32)
    model.buffers.append(schema.BufferT(data=data.view(np.uint8)))
    tensor = schema.TensorT(type=schema.TensorType.INT32, buffer=len(model.buffers) - 1, name=name, hasRank=True)
    tensor.shape = graph.as_indices([len(values)])
    return add_tensor(subgraph, tensor)


def winner_operator(
    model: schema.ModelT, options: ops.WinnerOp, inputs: list[int], outputs: list[int]
) -> schema.OperatorT:
    """A new operator of tfsparse's, not yet in the graph."""
    return schema.OperatorT(
        opcodeIndex=_custom_code(model, options.NAME),
        inputs=graph.as_indices(inputs),
        outputs=graph.as_indices(outputs),
        customOptions=encode_options(options),
        customOptionsFormat=schema.CustomOptionsFormat.FLEXBUFFERS,
    )


def _custom_code(model: schema.ModelT, name: str) -> int:
    custom = schema.BuiltinOperator.CUSTOM
    for index, code in enumerate(model.operatorCodes):
        if graph.builtin_code(code) == custom and graph.text(code.customCode) == name:
            return index
    code = schema.OperatorCodeT(
        deprecatedBuiltinCode=custom, customCode=name, version=ops.OP_VERSION, builtinCode=custom
    )
    model.operatorCodes.append(code)
    return len(model.operatorCodes) - 1


def replace_operator(subgraph: schema.SubGraphT, old: schema.OperatorT, *new: schema.OperatorT) -> None:
    """Puts operators into the place of another one."""
    position = position_of(subgraph, old)
    subgraph.operators[position : position + 1] = new


def insert_after(subgraph: schema.SubGraphT, old: schema.OperatorT, new: schema.OperatorT) -> None:
    """Puts an operator behind another one."""
    subgraph.operators.insert(position_of(subgraph, old) + 1, new)


def position_of(subgraph: schema.SubGraphT, operator: schema.OperatorT) -> int:
    """Where in the order of execution an operator stands."""
    return next(position for position, other in enumerate(subgraph.operators) if other is operator)


def redirect(model: schema.ModelT, subgraph: schema.SubGraphT, old: int, new: int) -> None:
    """Lets every reader of tensor `old`, the graph's outputs and signatures included, read `new` instead."""
    for operator in subgraph.operators:
        if old in graph.inputs_of(operator):
            operator.inputs = _replaced(operator.inputs, old, new)
    redirect_outputs(model, subgraph, old, new)


def redirect_outputs(model: schema.ModelT, subgraph: schema.SubGraphT, old: int, new: int) -> None:
    """Lets the graph, and the signatures, return tensor `new` instead of `old`."""
    subgraph.outputs = _replaced(subgraph.outputs, old, new)
    for signature in model.signatureDefs or ():
        if model.subgraphs[signature.subgraphIndex] is subgraph:
            for entry in signature.outputs or ():
                entry.tensorIndex = new if entry.tensorIndex == old else entry.tensorIndex


def redirect_input(operator: schema.OperatorT, old: int, new: int) -> None:
    """Lets one operator read tensor `new` instead of `old`."""
    operator.inputs = _replaced(operator.inputs, old, new)


def _replaced(indices: np.ndarray, old: int, new: int) -> np.ndarray:
    return graph.as_indices([new if int(index) == old else int(index) for index in indices])
