# SPDX-License-Identifier: Apache-2.0
"""A depthwise convolution of winners and the pointwise one behind it become one operator."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse import ops
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.op_codec import options_of
from tfsparse.conversion.passes.fuse_depthwise_conv2d import fuse_depthwise_conv2d
from tfsparse.conversion.passes.fuse_separable_conv2d import fuse_separable_conv2d
from tfsparse.conversion.passes.remove_dead import remove_dead

RELU, RELU6 = schema.ActivationFunctionType.RELU, schema.ActivationFunctionType.RELU6


def block(size: int = 1, filters: np.ndarray | None = None, also_output: bool = False, **changes):
    """MobileNet's block behind a mask; `changes` are those of the second convolution."""
    builder = GraphBuilder()
    y = builder.mask(builder.input([2, 5, 5, 8]), 3)
    y = builder.depthwise_conv2d(y, random(1, 3, 3, 8), strideH=2, strideW=2, fusedActivationFunction=RELU6)
    z = builder.conv2d(y, random(4, size, size, 8, seed=1) if filters is None else filters, **changes)
    return builder.model(z, *([y] if also_output else []))


def fused(model):
    changed = copy.deepcopy(model)
    fuse_depthwise_conv2d(changed)
    fuse_separable_conv2d(changed)
    remove_dead(changed)
    return changed


@pytest.mark.parametrize("activation", [schema.ActivationFunctionType.NONE, RELU, RELU6], ids=str)
def test_fuses_and_keeps_the_result(activation):
    model = block(fusedActivationFunction=activation)
    assert names(fused(model)) == ["SelectWinners", "WinnerSeparableConv2D"]
    np.testing.assert_allclose(run(fused(model)), run(model), rtol=0, atol=1e-5)


def test_takes_over_the_options_of_both():
    model = fused(block(fusedActivationFunction=RELU))
    options = options_of(model.subgraphs[0].operators[-1], model)
    assert options == ops.WinnerSeparableConv2D(options.layer, 2, 2, 1, 1, "same", "relu6", "relu")


def test_biases_that_are_left_out_are_left_out():
    model = block()
    for operator in model.subgraphs[0].operators[-2:]:
        operator.inputs = operator.inputs[:2]
    assert fused(model).subgraphs[0].operators[-1].inputs[4:].tolist() == [-1, -1]


@pytest.mark.parametrize(
    "model",
    [
        block(3),
        block(also_output=True),
        block(strideH=2, strideW=2),
        block(filters=random(4, 1, 1, 2)),
        block(fusedActivationFunction=schema.ActivationFunctionType.TANH),
    ],
    ids=["not_pointwise", "read_twice", "strided", "grouped", "tanh"],
)
def test_leaves_other_pairs_apart(model):
    apart = fused(model)
    assert names(apart) == ["SelectWinners", "WinnerDepthwiseConv2D", "CONV_2D"]
    np.testing.assert_allclose(run(apart), run(model), rtol=0, atol=1e-5)


def test_running_it_again_changes_nothing():
    model = fused(block())
    assert serialize(fused(model)) == serialize(model)
