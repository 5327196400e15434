# SPDX-License-Identifier: Apache-2.0
"""A padding of its own goes into the convolution where SAME pads alike."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.passes.fold_padding import fold_padding
from tfsparse.conversion.passes.remove_dead import remove_dead

VALID, SAME = schema.Padding.VALID, schema.Padding.SAME


def padded(pads, size=(8, 7), kernel=(3, 3), stride=1, dilation=1, depthwise=False, channels=(0, 0), padding=VALID):
    builder = GraphBuilder()
    x = builder.input([2, *size, 6])
    rows = np.array([(0, 0), *pads, channels], np.int32)
    height, width = (length + sum(pad) for length, pad in zip(size, pads, strict=True))
    y = builder.builtin("PAD", [x, builder.constant(rows)], [2, height, width, 6 + sum(channels)])
    options = {
        "padding": padding, "strideH": stride, "strideW": stride, "dilationHFactor": dilation,
        "dilationWFactor": dilation,
    }  # fmt: skip
    count = 6 + sum(channels)
    if depthwise:
        return builder.model(builder.depthwise_conv2d(y, random(1, *kernel, count), **options))
    return builder.model(builder.conv2d(y, random(4, *kernel, count), **options))


def folded(model):
    changed = copy.deepcopy(model)
    fold_padding(changed)
    remove_dead(changed)
    return changed


@pytest.mark.parametrize("depthwise", [False, True])
@pytest.mark.parametrize(
    "case",
    [
        {"pads": ((1, 1), (1, 1))},
        {"pads": ((0, 1), (1, 1)), "stride": 2},
        {"pads": ((2, 2), (1, 1)), "kernel": (5, 3)},
        {"pads": ((2, 2), (2, 2)), "dilation": 2},
        {"pads": ((0, 1), (0, 0)), "kernel": (2, 1)},
        {"pads": ((0, 2), (1, 2)), "stride": 2},
    ],
    ids=["plain", "stride", "kernel", "dilation", "even_kernel", "more_than_is_read"],
)
def test_folds_and_keeps_the_result(case, depthwise):
    model = padded(**case, depthwise=depthwise)
    assert names(folded(model)) == ["DEPTHWISE_CONV_2D" if depthwise else "CONV_2D"]
    np.testing.assert_allclose(run(folded(model)), run(model), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "case",
    [
        {"pads": ((1, 1), (1, 1)), "stride": 2},
        {"pads": ((2, 0), (1, 1))},
        {"pads": ((1, 3), (1, 1))},
        {"pads": ((1, 1), (1, 1)), "channels": (1, 0)},
        {"pads": ((1, 1), (1, 1)), "padding": SAME},
    ],
    ids=["before_the_first", "shifted", "more_results", "channels", "padded_twice"],
)
def test_leaves_other_paddings_alone(case):
    model = padded(**case)
    assert names(folded(model)) == ["PAD", "CONV_2D"]
    assert serialize(folded(model)) == serialize(model)


def test_a_size_that_is_open_is_left_alone():
    model = padded(((1, 1), (1, 1)))
    tensor = model.subgraphs[0].tensors[model.subgraphs[0].inputs[0]]
    tensor.shapeSignature = np.array([2, -1, 7, 6], np.int32)
    assert names(folded(model)) == ["PAD", "CONV_2D"]


def test_running_it_again_changes_nothing():
    model = folded(padded(((1, 1), (1, 1))))
    assert serialize(folded(model)) == serialize(model)
