# SPDX-License-Identifier: Apache-2.0
"""SPACE_TO_BATCH_ND → convolution → BATCH_TO_SPACE_ND becomes one dilated convolution.

TensorFlow expresses a dilated convolution by regrouping the pixels; its converter folds this back only for a known
batch size. The bias that it adds after the regrouping goes back into the convolution as well.
"""

from __future__ import annotations

import copy

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion import graph
from tfsparse.conversion.fusion import weights_of


def fold_dilation(model: schema.ModelT) -> None:
    """Folds every regrouped convolution whose padding TFLite can name."""
    for subgraph in model.subgraphs:
        for operator in list(subgraph.operators):
            if graph.op_name(model, operator) in ("CONV_2D", "DEPTHWISE_CONV_2D"):
                _fold(model, subgraph, operator)


def _fold(model: schema.ModelT, subgraph: schema.SubGraphT, conv: schema.OperatorT) -> None:
    before = graph.producers_of(subgraph).get(graph.inputs_of(conv)[0])
    after = graph.only_reader(subgraph, graph.outputs_of(conv)[0])
    options = conv.builtinOptions
    plain = (options.strideH, options.strideW, options.dilationHFactor, options.dilationWFactor) == (1, 1, 1, 1)
    if before is None or after is None or not plain or options.padding != schema.Padding.VALID:
        return
    if (graph.op_name(model, before), graph.op_name(model, after)) != ("SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND"):
        return
    block, pads = _constants(model, subgraph, before)
    block_after, crops = _constants(model, subgraph, after)
    if block is None or pads is None or block_after is None or crops is None:
        return
    if len(block) != 2 or not np.array_equal(block, block_after):
        return
    padding = _padding(pads, crops, block, graph.shape_of(subgraph.tensors[graph.inputs_of(conv)[1]])[1:3])
    if padding is None:
        return
    conv.builtinOptions = copy.copy(options)
    conv.builtinOptions.padding = padding
    conv.builtinOptions.dilationHFactor, conv.builtinOptions.dilationWFactor = (int(size) for size in block)
    conv.inputs = graph.as_indices([graph.inputs_of(before)[0], *graph.inputs_of(conv)[1:]])
    conv.outputs = after.outputs
    subgraph.operators.remove(after)
    _take_bias(model, subgraph, conv)


def _constants(
    model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The block sizes of a regrouping, and its paddings or crops."""
    _, block, margins = graph.inputs_of(operator)
    return (
        graph.constant_value(model, subgraph.tensors[block]),
        graph.constant_value(model, subgraph.tensors[margins]),
    )


def _padding(pads: np.ndarray, crops: np.ndarray, dilation: np.ndarray, kernel: tuple[int, ...]) -> int | None:
    """TFLite's name for what the regrouping pads and does not crop again."""
    first, last = pads[:, 0], pads[:, 1] - crops[:, 1]
    total = (np.asarray(kernel) - 1) * dilation
    if np.any(crops[:, 0]):
        return None
    if np.array_equal(first, total // 2) and np.array_equal(last, total - total // 2):
        return schema.Padding.SAME
    return schema.Padding.VALID if not np.any(first) and not np.any(last) else None


def _take_bias(model: schema.ModelT, subgraph: schema.SubGraphT, conv: schema.OperatorT) -> None:
    """Merges the addition of a bias behind the convolution, and its activation, into it."""
    result = graph.outputs_of(conv)[0]
    add = graph.only_reader(subgraph, result)
    weights, bias = weights_of(conv)
    filters = graph.shape_of(subgraph.tensors[weights])[0 if graph.op_name(model, conv) == "CONV_2D" else -1]
    if add is None or graph.op_name(model, add) != "ADD" or graph.activation_of(conv):
        return
    addend = next((index for index in graph.inputs_of(add) if index != result), result)
    value = None if addend == result else graph.constant_value(model, subgraph.tensors[addend])
    own = None if bias == graph.ABSENT else graph.constant_value(model, subgraph.tensors[bias])
    if value is None or value.shape != (filters,) or (own is not None and np.any(own)):
        return
    conv.builtinOptions.fusedActivationFunction = graph.activation_of(add)
    conv.inputs = graph.as_indices([*graph.inputs_of(conv)[:2], addend])
    conv.outputs = add.outputs
    subgraph.operators.remove(add)
