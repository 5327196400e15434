# SPDX-License-Identifier: Apache-2.0
"""Regrouped convolutions become dilated ones."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.passes.fold_dilation import fold_dilation
from tfsparse.conversion.passes.remove_dead import remove_dead

VALID, SAME = schema.Padding.VALID, schema.Padding.SAME


def regrouped(pads=((2, 2), (2, 2)), crops=((0, 0), (0, 0)), bias=True, relu=False, **changes):
    """A 3x3 convolution of 8x8 pixels, dilated by 2."""
    builder = GraphBuilder()
    block = builder.constant(np.array([2, 2], np.int32))
    (top, bottom), (left, right) = pads
    height, width = (8 + top + bottom) // 2, (8 + left + right) // 2
    x = builder.input([1, 8, 8, 4])
    y = builder.builtin(
        "SPACE_TO_BATCH_ND", [x, block, builder.constant(np.array(pads, np.int32))], [4, height, width, 4]
    )
    y = builder.conv2d(y, random(5, 3, 3, 4), **{"padding": VALID, **changes})
    out = [(height - 2) * 2 - sum(crops[0]), (width - 2) * 2 - sum(crops[1])]
    cropped = builder.constant(np.array(crops, np.int32))
    y = builder.builtin("BATCH_TO_SPACE_ND", [y, block, cropped], [1, *out, 5])
    if bias:
        activation = schema.ActivationFunctionType.RELU if relu else schema.ActivationFunctionType.NONE
        options = schema.AddOptionsT(fusedActivationFunction=activation)
        y = builder.builtin("ADD", [y, builder.constant(random(5, seed=8))], [1, *out, 5], options)
    return builder.model(y)


def folded(model):
    changed = copy.deepcopy(model)
    fold_dilation(changed)
    remove_dead(changed)
    return changed


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("pads", "padding"), [(((2, 2), (2, 2)), SAME), (((0, 0), (0, 0)), VALID)], ids=["same", "valid"]
)
def test_folds_and_keeps_the_result(pads, padding, bias):
    model = regrouped(pads, bias=bias, relu=bias)
    changed = folded(model)
    assert names(changed) == ["CONV_2D"]
    assert changed.subgraphs[0].operators[0].builtinOptions.padding == padding
    np.testing.assert_allclose(run(changed), run(model), rtol=0, atol=1e-5)


def test_what_is_cropped_again_does_not_count_as_padding():
    model = regrouped(((2, 4), (2, 4)), ((0, 2), (0, 2)))
    assert names(folded(model)) == ["CONV_2D"]
    np.testing.assert_allclose(run(folded(model)), run(model), rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    "make",
    [
        lambda: regrouped(((4, 0), (2, 2))),
        lambda: regrouped(((4, 2), (4, 2)), ((2, 0), (2, 0))),
        lambda: regrouped(padding=SAME, pads=((0, 0), (0, 0))),
        lambda: regrouped(bias=False, dilationHFactor=2, dilationWFactor=1, pads=((4, 4), (2, 2))),
    ],
    ids=["lopsided", "cropped_in_front", "padded_within", "dilated_within"],
)
def test_near_misses_stay(make):
    model = make()
    assert names(folded(model)) == names(model)


def test_a_bias_behind_an_activation_stays():
    model = regrouped(fusedActivationFunction=schema.ActivationFunctionType.RELU)
    assert names(folded(model)) == ["CONV_2D", "ADD"]
    np.testing.assert_allclose(run(folded(model)), run(model), rtol=0, atol=1e-5)


def test_running_it_again_changes_nothing():
    once = folded(regrouped())
    assert serialize(folded(once)) == serialize(once)
