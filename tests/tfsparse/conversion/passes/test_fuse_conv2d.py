# SPDX-License-Identifier: Apache-2.0
"""Convolutions of masked data read the winners instead."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse import ops
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.op_codec import options_of
from tfsparse.conversion.passes.fuse_conv2d import fuse_conv2d
from tfsparse.conversion.passes.remove_dead import remove_dead

ACTIVATION = schema.ActivationFunctionType


def convolution(unit: str = "channel", filters: np.ndarray | None = None, **changes):
    builder = GraphBuilder()
    y = builder.mask(builder.input([2, 5, 5, 8]), 3, unit)
    return builder.model(builder.conv2d(y, random(4, 3, 3, 8) if filters is None else filters, **changes))


def fused(model):
    changed = copy.deepcopy(model)
    fuse_conv2d(changed)
    remove_dead(changed)
    return changed


@pytest.mark.parametrize(
    "activation", [ACTIVATION.NONE, ACTIVATION.RELU, ACTIVATION.RELU6, ACTIVATION.RELU_N1_TO_1], ids=str
)
def test_fuses_and_keeps_the_result(activation):
    model = convolution(fusedActivationFunction=activation)
    assert names(fused(model)) == ["SelectWinners", "WinnerConv2D"]
    np.testing.assert_allclose(run(fused(model)), run(model), rtol=0, atol=1e-5)


def test_takes_over_the_options():
    model = fused(
        convolution(strideH=2, strideW=3, padding=schema.Padding.VALID, fusedActivationFunction=ACTIVATION.RELU6)
    )
    options = options_of(model.subgraphs[0].operators[-1], model)
    assert options == ops.WinnerConv2D(options.layer, 2, 3, 1, 1, "valid", "relu6")


def test_takes_over_the_dilation():
    model = fused(convolution(dilationHFactor=2, dilationWFactor=1))
    options = options_of(model.subgraphs[0].operators[-1], model)
    assert (options.dilation_h, options.dilation_w) == (2, 1)


def test_takes_over_filter_and_bias():
    model = convolution()
    assert fused(model).subgraphs[0].operators[-1].inputs[2:].tolist() == [
        index - 1 for index in model.subgraphs[0].operators[-1].inputs[1:].tolist()
    ], "the masked tensor before them is gone"


def test_a_bias_that_is_left_out_is_left_out():
    model = convolution()
    conv = model.subgraphs[0].operators[-1]
    conv.inputs = conv.inputs[:2]
    assert fused(model).subgraphs[0].operators[-1].inputs[3] == -1


def computed_filter():
    builder = GraphBuilder()
    y = builder.mask(builder.input([2, 5, 5, 8]), 3)
    z = builder.conv2d(y, random(4, 3, 3, 8))
    builder._operators[-1].inputs[1] = builder.input([4, 3, 3, 8])
    return builder.model(z)


def unmasked():
    builder = GraphBuilder()
    return builder.model(builder.conv2d(builder.input([2, 5, 5, 8]), random(4, 3, 3, 8)))


NEAR_MISSES = {
    "neurons": lambda: convolution("neuron"),
    "grouped": lambda: convolution(filters=random(4, 3, 3, 2)),
    "tanh": lambda: convolution(fusedActivationFunction=ACTIVATION.TANH),
    "computed_filter": computed_filter,
    "unmasked": unmasked,
}


@pytest.mark.parametrize("make", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_near_misses_stay(make):
    model = make()
    assert names(fused(model)) == names(model)


def test_running_it_again_changes_nothing():
    once = fused(convolution())
    assert serialize(fused(once)) == serialize(once)
