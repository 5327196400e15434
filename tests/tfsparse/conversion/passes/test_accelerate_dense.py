# SPDX-License-Identifier: Apache-2.0
"""3x3 convolutions without a mask become operators of the native library."""

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
from tfsparse.conversion.passes.accelerate_dense import accelerate_dense


def convolution(kernel: tuple[int, int] = (3, 3), channels: int = 8, **changes):
    builder = GraphBuilder()
    return builder.model(builder.conv2d(builder.input([1, 9, 9, 8]), random(16, *kernel, channels), **changes))


def accelerated(model):
    changed = copy.deepcopy(model)
    accelerate_dense(changed)
    return changed


def test_replaces_and_keeps_the_result():
    model = convolution()
    assert names(accelerated(model)) == ["WinnerConv2D"]
    np.testing.assert_allclose(run(accelerated(model)), run(model), rtol=0, atol=1e-4)


def test_the_new_operator_has_no_winners_and_skips_nothing():
    model = read_model(serialize(accelerated(convolution())))
    (conv,) = model.subgraphs[0].operators
    assert graph.inputs_of(conv)[1] == graph.ABSENT
    options = options_of(conv, model)
    assert options == ops.WinnerConv2D(options.layer, 1, 1, 1, 1, "same", "none", "auto", False)


NEAR_MISSES = {
    "pointwise": lambda: convolution((1, 1)),
    "5x5": lambda: convolution((5, 5)),
    "3x1": lambda: convolution((3, 1)),
    "strided": lambda: convolution(strideH=2, strideW=2),
    "dilated": lambda: convolution(dilationHFactor=2, dilationWFactor=2),
    "grouped": lambda: convolution(channels=4),
    "tanh": lambda: convolution(fusedActivationFunction=schema.ActivationFunctionType.TANH),
}


@pytest.mark.parametrize("make", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_near_misses_stay(make):
    model = make()
    assert names(accelerated(model)) == names(model) == ["CONV_2D"]


def test_running_it_again_changes_nothing():
    once = accelerated(convolution())
    assert serialize(accelerated(once)) == serialize(once)
