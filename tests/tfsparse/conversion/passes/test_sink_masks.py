# SPDX-License-Identifier: Apache-2.0
"""Masks move behind what treats channels alone and keeps zero, and behind nothing else."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.passes.remove_dead import remove_dead
from tfsparse.conversion.passes.sink_masks import sink_masks

SHAPE = [1, 4, 6, 8]
POOL = schema.Pool2DOptionsT(padding=schema.Padding.VALID, strideW=2, strideH=2, filterWidth=2, filterHeight=2)


def with_constant(name: str, value: np.ndarray, shape: list[int], options: object = None):
    return lambda b, x: b.builtin(name, [x, b.constant(value)], shape, options)


def axes(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


def padding(*rows: tuple[int, int]) -> np.ndarray:
    return np.array(rows, np.int32)


SINKS = {
    "relu": lambda b, x: b.builtin("RELU", [x], SHAPE),
    "leaky_relu": lambda b, x: b.builtin("LEAKY_RELU", [x], SHAPE, schema.LeakyReluOptionsT(alpha=0.2)),
    "tanh": lambda b, x: b.builtin("TANH", [x], SHAPE),
    "max_pool": lambda b, x: b.builtin("MAX_POOL_2D", [x], [1, 2, 3, 8], POOL),
    "average_pool": lambda b, x: b.builtin("AVERAGE_POOL_2D", [x], [1, 2, 3, 8], POOL),
    "spatial_mean": with_constant("MEAN", axes(1, 2), [1, 8], schema.ReducerOptionsT()),
    "mean_from_the_end": with_constant("MEAN", axes(-2), [1, 4, 8], schema.ReducerOptionsT()),
    "scale": with_constant("MUL", random(8), SHAPE, schema.MulOptionsT()),
    "division": with_constant("DIV", random(8), SHAPE, schema.DivOptionsT()),
    "rows_joined": lambda b, x: b.reshape(x, [1, 24, 8]),
}
STAYS = {
    "sigmoid": lambda b, x: b.builtin("LOGISTIC", [x], SHAPE),
    "exp": lambda b, x: b.builtin("EXP", [x], SHAPE),
    "bias": with_constant("ADD", random(8), SHAPE, schema.AddOptionsT()),
    "infinite_scale": with_constant("MUL", np.full(8, np.inf, np.float32), SHAPE, schema.MulOptionsT()),
    "division_by_zero": with_constant("DIV", np.zeros(8, np.float32), SHAPE, schema.DivOptionsT()),
    "channel_mean": with_constant("MEAN", axes(1, 3), [1, 6], schema.ReducerOptionsT()),
    "flattened": lambda b, x: b.reshape(x, [1, 192]),
    "batch_joined": lambda b, x: b.reshape(x, [24, 8]),
    "transposed": with_constant("TRANSPOSE", axes(0, 2, 1, 3), [1, 6, 4, 8]),
    "channel_softmax": lambda b, x: b.builtin("SOFTMAX", [x], SHAPE, schema.SoftmaxOptionsT(beta=1.0)),
    "padded_for_nothing": with_constant("PAD", padding((0, 0), (1, 1), (1, 1), (0, 0)), [1, 6, 8, 8]),
    "itself": lambda b, x: b.builtin("MUL", [x, x], SHAPE, schema.MulOptionsT()),
    "relu_of_a_residual": lambda b, x: b.builtin(
        "RELU", [b.builtin("ADD", [x, 0], SHAPE, schema.AddOptionsT())], SHAPE
    ),
}


def masked(operator, unit: str = "channel"):
    builder = GraphBuilder()
    return builder.model(operator(builder, builder.mask(builder.input(SHAPE), 3, unit)))


def sunk(model):
    moved = copy.deepcopy(model)
    sink_masks(moved)
    remove_dead(moved)
    return moved


@pytest.mark.parametrize("operator", SINKS.values(), ids=SINKS)
def test_moves_and_keeps_the_result(operator):
    model = masked(operator)
    moved = sunk(model)
    assert names(moved)[-1] == "MaskWinners"
    assert names(moved).count("MaskWinners") == 1
    np.testing.assert_array_equal(run(moved), run(model))


@pytest.mark.parametrize("operator", STAYS.values(), ids=STAYS)
def test_stays(operator):
    model = masked(operator)
    assert names(sunk(model)) == names(model)


@pytest.mark.parametrize("name", ["relu", "rows_joined", "scale"])
def test_neuron_masks_move_behind_what_keeps_the_elements_in_order(name):
    model = masked(SINKS[name], "neuron")
    moved = sunk(model)
    assert names(moved)[-1] == "MaskWinners"
    np.testing.assert_array_equal(run(moved), run(model))


@pytest.mark.parametrize("name", ["max_pool", "average_pool", "spatial_mean"])
def test_neuron_masks_stay_before_what_mixes_elements(name):
    model = masked(SINKS[name], "neuron")
    assert names(sunk(model)) == names(model)


def padded_convolution(value: float | None, filters: np.ndarray):
    def operator(builder, x):
        pads = builder.constant(padding((0, 0), (1, 0), (0, 2), (0, 0)))
        fill = [] if value is None else [builder.constant(np.array([value], np.float32))]
        y = builder.builtin("PAD" if value is None else "PADV2", [x, pads, *fill], [1, 5, 8, 8])
        return builder.conv2d(y, filters)

    return operator


@pytest.mark.parametrize("value", [None, 0.0])
def test_moves_behind_padding_that_leads_to_a_convolution(value):
    assert names(sunk(masked(padded_convolution(value, random(4, 3, 3, 8)))))[-2:] == ["MaskWinners", "CONV_2D"]


@pytest.mark.parametrize(("multiplier", "last"), [(1, ["PAD", "MaskWinners"]), (2, ["MaskWinners", "PAD"])])
def test_moves_behind_padding_that_leads_to_a_depthwise_convolution_of_multiplier_1(multiplier, last):
    def operator(builder, x):
        pads = builder.constant(padding((0, 0), (1, 0), (0, 2), (0, 0)))
        y = builder.builtin("PAD", [x, pads], [1, 5, 8, 8])
        return builder.depthwise_conv2d(y, random(1, 3, 3, 8 * multiplier), depthMultiplier=multiplier)

    assert names(sunk(masked(operator)))[-3:] == [*last, "DEPTHWISE_CONV_2D"]


@pytest.mark.parametrize(
    ("value", "filters"), [(1.0, random(4, 3, 3, 8)), (0.0, random(4, 3, 3, 2))], ids=["not_zero", "grouped"]
)
def test_stays_before_padding_that_gains_nothing(value, filters):
    model = masked(padded_convolution(value, filters))
    assert names(sunk(model)) == names(model)


def test_what_now_holds_unmasked_data_says_so():
    moved = sunk(masked(SINKS["relu"]))
    tensors = moved.subgraphs[0].tensors
    unmasked = [graph.text(tensor.name) for tensor in tensors if graph.text(tensor.name).endswith("/unmasked")]
    assert len(unmasked) == 1
    output = tensors[moved.subgraphs[0].outputs[0]]
    assert unmasked == [graph.text(output.name) + "/unmasked"]


def test_several_readers_each_get_what_they_need():
    builder = GraphBuilder()
    y = builder.mask(builder.input(SHAPE), 3)
    pooled, added = SINKS["max_pool"](builder, y), STAYS["bias"](builder, y)
    model = builder.model(pooled, added)
    moved = sunk(model)
    assert names(moved).count("MaskWinners") == 2
    np.testing.assert_array_equal(run(moved), run(model))


def test_running_it_again_changes_nothing():
    moved = sunk(masked(SINKS["max_pool"]))
    assert serialize(sunk(moved)) == serialize(moved)
