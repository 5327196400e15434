# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolutions of masked data read the winners instead."""

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
from tfsparse.conversion.passes.remove_dead import remove_dead

ACTIVATION = schema.ActivationFunctionType


def depthwise(unit: str = "channel", multiplier: int = 1, **changes):
    builder = GraphBuilder()
    y = builder.mask(builder.input([2, 5, 5, 8]), 3, unit)
    return builder.model(builder.depthwise_conv2d(y, random(1, 3, 3, 8 * multiplier), **changes))


def fused(model):
    changed = copy.deepcopy(model)
    fuse_depthwise_conv2d(changed)
    remove_dead(changed)
    return changed


@pytest.mark.parametrize(
    "activation", [ACTIVATION.NONE, ACTIVATION.RELU, ACTIVATION.RELU6, ACTIVATION.RELU_N1_TO_1], ids=str
)
def test_fuses_and_keeps_the_result(activation):
    model = depthwise(fusedActivationFunction=activation)
    assert names(fused(model)) == ["SelectWinners", "WinnerDepthwiseConv2D"]
    np.testing.assert_allclose(run(fused(model)), run(model), rtol=0, atol=1e-5)


def test_losers_give_their_bias_not_zero():
    result = run(fused(depthwise()))
    constant = [channel for channel in range(8) if np.ptp(result[0, ..., channel]) == 0]
    assert len(constant) == 5
    assert np.all(result[0, 0, 0, constant] != 0)


def test_takes_over_the_options():
    model = fused(
        depthwise(strideH=2, strideW=3, padding=schema.Padding.VALID, fusedActivationFunction=ACTIVATION.RELU6)
    )
    options = options_of(model.subgraphs[0].operators[-1], model)
    assert options == ops.WinnerDepthwiseConv2D(options.layer, 2, 3, 1, 1, "valid", "relu6")


def test_takes_over_the_dilation():
    model = fused(depthwise(dilationHFactor=2, dilationWFactor=1))
    options = options_of(model.subgraphs[0].operators[-1], model)
    assert (options.dilation_h, options.dilation_w) == (2, 1)


def test_a_bias_that_is_left_out_is_left_out():
    model = depthwise()
    convolution = model.subgraphs[0].operators[-1]
    convolution.inputs = convolution.inputs[:2]
    assert fused(model).subgraphs[0].operators[-1].inputs[3] == -1


def computed_filter():
    builder = GraphBuilder()
    y = builder.depthwise_conv2d(builder.mask(builder.input([2, 5, 5, 8]), 3), random(1, 3, 3, 8))
    builder._operators[-1].inputs[1] = builder.input([1, 3, 3, 8])
    return builder.model(y)


def unmasked():
    builder = GraphBuilder()
    return builder.model(builder.depthwise_conv2d(builder.input([2, 5, 5, 8]), random(1, 3, 3, 8)))


@pytest.mark.parametrize(
    "model",
    [
        depthwise("neuron"),
        depthwise(multiplier=2, depthMultiplier=2),
        depthwise(fusedActivationFunction=ACTIVATION.TANH),
        computed_filter(),
        unmasked(),
    ],
    ids=["neurons", "multiplier", "tanh", "computed_filter", "unmasked"],
)
def test_leaves_alone_what_needs_the_mask(model):
    assert names(fused(model)) == names(model)


def test_running_it_again_changes_nothing():
    model = fused(depthwise())
    assert serialize(fused(model)) == serialize(model)
