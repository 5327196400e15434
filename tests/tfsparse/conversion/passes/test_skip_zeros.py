# SPDX-License-Identifier: Apache-2.0
"""Convolutions and products without a mask skip the zeros of their input."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse import ops
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.conversion.op_codec import options_of
from tfsparse.conversion.passes.remove_dead import remove_dead
from tfsparse.conversion.passes.skip_zeros import skip_zeros
from tfsparse.conversion.zeros import MeasuredZeros, behind, behind_any

ACTIVATION = schema.ActivationFunctionType
SOURCE = "sparse"


def name(builder: GraphBuilder, tensor: int, layer: str = SOURCE) -> int:
    builder._tensors[tensor].name = layer
    return tensor


def pool(builder: GraphBuilder, x: int, kind: str = "MAX_POOL_2D") -> int:
    options = schema.Pool2DOptionsT(padding=schema.Padding.SAME, strideH=1, strideW=1, filterHeight=2, filterWidth=2)
    return builder.builtin(kind, [x], builder.shape(x), options)


def pad(builder: GraphBuilder, x: int) -> int:
    sizes = builder.constant(np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32))
    batch, height, width, channels = builder.shape(x)
    return builder.builtin("PAD", [x, sizes], [batch, height + 2, width + 2, channels], schema.PadOptionsT())


def relu(builder: GraphBuilder, x: int) -> int:
    return builder.builtin("RELU", [x], builder.shape(x))


def start(builder: GraphBuilder, layer: str = SOURCE) -> int:
    """An input and a layer behind it."""
    return name(builder, relu(builder, builder.input([2, 6, 6, 8])), layer)


def convolution(layer: str = SOURCE, filters: np.ndarray | None = None, **changes):
    builder = GraphBuilder()
    return builder.model(
        builder.conv2d(start(builder, layer), random(4, 3, 3, 8) if filters is None else filters, **changes)
    )


def product(**changes):
    builder = GraphBuilder()
    flat = builder.reshape(start(builder), [-1, 6 * 6 * 8])
    builder._tensors[flat].shape = [2, 6 * 6 * 8]
    return builder.model(builder.fully_connected(flat, random(5, 6 * 6 * 8), 2, **changes))


def layers_between(*between):
    builder = GraphBuilder()
    x = start(builder)
    for step in between:
        x = step(builder, x)
    return builder.model(builder.conv2d(x, random(4, 3, 3, 8)))


BEHIND_SOURCE = behind(frozenset({SOURCE}))


def skipping(model, choose=BEHIND_SOURCE, kernel="auto"):
    changed = copy.deepcopy(model)
    skip_zeros(changed, choose, kernel)
    remove_dead(changed)
    return changed


def last(model) -> str:
    return names(model)[-1]


@pytest.mark.parametrize("make", [convolution, product], ids=["conv2d", "fully_connected"])
@pytest.mark.parametrize("activation", [ACTIVATION.NONE, ACTIVATION.RELU, ACTIVATION.RELU6], ids=str)
def test_replaces_and_keeps_the_result(make, activation):
    model = make(fusedActivationFunction=activation)
    assert last(skipping(model)).startswith("Winner")
    np.testing.assert_allclose(run(skipping(model)), run(model), rtol=0, atol=1e-4)


def test_the_new_operator_has_no_winners_and_is_a_valid_file():
    model = read_model(serialize(skipping(convolution(strideH=2), kernel="direct")))
    conv = model.subgraphs[0].operators[-1]
    assert graph.inputs_of(conv)[1] == graph.ABSENT
    options = options_of(conv, model)
    assert options == ops.WinnerConv2D(options.layer, 2, 1, 1, 1, "same", "none", "direct", True)


def test_a_product_takes_every_column():
    model = skipping(product())
    options = options_of(model.subgraphs[0].operators[-1], model)
    assert options == ops.WinnerFullyConnected(options.layer, 288, "none", False, True)


@pytest.mark.parametrize("between", [(relu,), (pool,), (pad,), (relu, pool, pad)], ids=["relu", "pool", "pad", "all"])
def test_looks_through_operators_that_keep_zeros(between):
    assert last(skipping(layers_between(*between))) == "WinnerConv2D"


def test_does_not_look_through_others():
    assert last(skipping(layers_between(lambda builder, x: pool(builder, x, "AVERAGE_POOL_2D")))) == "CONV_2D"


def test_a_later_call_of_a_sparse_layer_is_sparse():
    assert last(skipping(convolution(f"{SOURCE}#2"))) == "WinnerConv2D"


def test_a_layer_with_a_longer_name_is_another_layer():
    assert last(skipping(convolution(f"{SOURCE}_2"))) == "CONV_2D"
    assert last(skipping(convolution(), choose=behind(frozenset()))) == "CONV_2D"


def test_all_means_all_but_what_reads_an_input():
    builder = GraphBuilder()
    first = builder.conv2d(pad(builder, builder.input([2, 6, 6, 8])), random(8, 3, 3, 8))
    model = skipping(builder.model(builder.conv2d(first, random(4, 3, 3, 8))), choose=behind_any)
    assert names(model) == ["PAD", "CONV_2D", "WinnerConv2D"]


@pytest.mark.parametrize(("x", "operator"), [(np.zeros, "WinnerConv2D"), (np.ones, "CONV_2D")])
def test_measured_zeros_decide_in_the_main_graph_alone(x, operator):
    model = layers_between(lambda builder, x: pool(builder, x, "AVERAGE_POOL_2D"))
    model.subgraphs.append(copy.deepcopy(model.subgraphs[0]))
    measured = MeasuredZeros(x((2, 6, 6, 8), np.float32))
    changed = skipping(model, measured)
    assert last(changed) == operator
    assert graph.op_name(changed, changed.subgraphs[1].operators[-1]) == "CONV_2D"
    assert [zeros.share for zeros in measured.found] == [1.0 if operator == "WinnerConv2D" else 0.0]


def masked():
    builder = GraphBuilder()
    y = builder.mask(start(builder), 3)
    x, winners = builder._operators[-1].inputs
    z = builder.tensor([2, 6, 6, 4])
    weights = builder.constant(random(4, 3, 3, 8))
    builder.winner_op(ops.WinnerConv2D("conv", 1, 1, 1, 1, "same", "none"), [x, winners, weights], [z])
    return builder.model(y, z)


NEAR_MISSES = {
    "grouped": lambda: convolution(filters=random(4, 3, 3, 2)),
    "tanh": lambda: convolution(fusedActivationFunction=ACTIVATION.TANH),
    "product_tanh": lambda: product(fusedActivationFunction=ACTIVATION.TANH),
    "masked": masked,
}


@pytest.mark.parametrize("make", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_near_misses_stay(make):
    model = make()
    assert names(skipping(model)) == names(model)


def test_running_it_again_changes_nothing():
    once = skipping(convolution())
    assert serialize(skipping(once)) == serialize(once)
