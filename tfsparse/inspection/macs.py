# SPDX-License-Identifier: Apache-2.0
"""Multiply-accumulates (MACs) of the operators of a `.tflite` model, counted from its shapes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph, op_codec


@dataclass(frozen=True)
class Macs:
    """MACs for a batch of the stored size (1 where the model leaves it open).

    Attributes:
        dense: What the layer costs with every input channel.
        computed: What it costs with the winners alone; equal to `dense` for any other operator. Winners that are
            zero for a given input are skipped too, and so are all zeros by operators that have no winners and skip
            zeros; how many there are, only a run can tell. So this is the most that is computed.
    """

    dense: int = 0
    computed: int = 0

    def __add__(self, other: Macs) -> Macs:
        return Macs(self.dense + other.dense, self.computed + other.computed)


def count_macs(model: schema.ModelT) -> Macs:
    """MACs of the model's main graph.

    Args:
        model: The model, as `tfsparse.conversion.flatbuffer.read_model` returns it.
    """
    main = model.subgraphs[0]
    return sum((operator_macs(model, main, operator) for operator in main.operators), Macs())


def operator_macs(model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT) -> Macs:
    """MACs of one operator; operators that multiply no matrix count as none."""
    name = graph.op_name(model, operator)
    inputs = [graph.shape_of(subgraph.tensors[i]) if i != graph.ABSENT else () for i in graph.inputs_of(operator)]
    outputs = graph.outputs_of(operator)
    results = graph.element_count(subgraph.tensors[outputs[0]]) if outputs else 0
    if name == ops.WinnerConv2D.NAME:
        return _winner_conv2d(inputs, results)
    if name == ops.WinnerDepthwiseConv2D.NAME:
        return _winner_depthwise_conv2d(inputs, results)
    if name == ops.WinnerSeparableConv2D.NAME:
        return _winner_separable_conv2d(inputs, results)
    if name == ops.WinnerFullyConnected.NAME:
        return _winner_fully_connected(inputs, results, operator)
    dense = _dense_macs(name, inputs, results)
    return Macs(dense, dense)


def _dense_macs(name: str, inputs: list[tuple[int, ...]], results: int) -> int:
    """Products per result times results; the weights are the second input of each of these operators."""
    if len(inputs) < 2 or not inputs[1]:
        return 0
    weights = inputs[1]
    if name == "CONV_2D" and len(weights) == 4:
        return results * math.prod(weights[1:])
    if name == "DEPTHWISE_CONV_2D" and len(weights) == 4:
        return results * weights[1] * weights[2]
    if name in ("FULLY_CONNECTED", "BATCH_MATMUL") and inputs[0]:
        return results * (weights[-1] if name == "FULLY_CONNECTED" else inputs[0][-1])
    if name == "TRANSPOSE_CONV" and len(weights) == 4 and len(inputs) > 2:
        return math.prod(inputs[2]) * math.prod(weights[:3])
    return 0


def _winner_conv2d(inputs: list[tuple[int, ...]], results: int) -> Macs:
    if len(inputs[2]) != 4:
        return Macs()
    filters = inputs[2]
    winners = inputs[1][-1] if inputs[1] else filters[3]
    taps = filters[1] * filters[2]
    return Macs(results * taps * filters[3], results * taps * min(winners, filters[3]))


def _winner_depthwise_conv2d(inputs: list[tuple[int, ...]], results: int) -> Macs:
    if not inputs[1] or len(inputs[2]) != 4:
        return Macs()
    _, height, width, channels = inputs[2]
    return Macs(results * height * width, results // channels * height * width * min(inputs[1][-1], channels))


def _winner_separable_conv2d(inputs: list[tuple[int, ...]], results: int) -> Macs:
    """Each pixel takes the taps of the depthwise filter and a row of the pointwise one per channel."""
    if not inputs[1] or len(inputs[2]) != 4 or len(inputs[3]) != 4:
        return Macs()
    (_, height, width, channels), outputs = inputs[2], inputs[3][0]
    per_channel = results // outputs * (height * width + outputs)
    return Macs(per_channel * channels, per_channel * min(inputs[1][-1], channels))


def _winner_fully_connected(inputs: list[tuple[int, ...]], results: int, operator: schema.OperatorT) -> Macs:
    options = op_codec.decode_options(ops.WinnerFullyConnected.NAME, operator.customOptions)
    if not isinstance(options, ops.WinnerFullyConnected):
        raise TypeError(options)
    if not inputs[2]:
        return Macs()
    winners, columns = inputs[1][-1] if inputs[1] else options.channels, inputs[2][-1]
    return Macs(results * columns, results * columns // options.channels * min(winners, options.channels))
