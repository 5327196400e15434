# SPDX-License-Identifier: Apache-2.0
"""Each sparse layer is set against the dense one, its ranking counted with it."""

from __future__ import annotations

import pytest

from tfsparse import ops
from tfsparse.bench.layer_comparison import compare_layers, mac_shares
from tfsparse.bench.models.layers import LayerShape, winner_layer
from tfsparse.bench.operators import OperatorTime
from tfsparse.conversion.flatbuffer import read_model


def select(milliseconds, layer="wta"):
    return OperatorTime(ops.SelectWinners.NAME, layer, milliseconds, milliseconds, {})


def winner(layer, milliseconds, op=ops.WinnerConv2D):
    return OperatorTime(op.NAME, layer, milliseconds, 0.0, {})


def dense(layer, milliseconds, op="CONV_2D"):
    return OperatorTime(op, layer, milliseconds, 0.0, {})


def test_a_selection_counts_with_the_first_layer_that_reads_it():
    sparse = [select(1.0), winner("a", 2.0), winner("b", 3.0), select(0.5), winner("c", 1.0)]
    found = compare_layers(sparse, [dense(name, 6.0) for name in "abc"])
    assert [(layer.layer, layer.sparse_ms, layer.ranking_ms) for layer in found] == [
        ("a", 3.0, 1.0),
        ("b", 3.0, 0.0),
        ("c", 1.5, 0.5),
    ]
    assert [layer.speedup for layer in found] == [2.0, 2.0, 4.0]


def test_a_mask_takes_the_selection_that_it_reads():
    sparse = [select(1.0), winner("wta", 0.3, ops.MaskWinners), select(0.2), winner("a", 1.0)]
    (layer,) = compare_layers(sparse, [dense("wta", 1.0, "ADD"), dense("a", 2.4)])
    assert (layer.layer, layer.sparse_ms, layer.ranking_ms) == ("a", 1.2, 0.2)


def test_a_separable_convolution_counts_against_both_dense_ones():
    plain = [dense("x", 9.0), dense("dw", 1.0, "DEPTHWISE_CONV_2D"), dense("pw", 3.0)]
    (layer,) = compare_layers([winner("pw", 2.0, ops.WinnerSeparableConv2D)], plain)
    assert layer.dense_ms == 4.0
    (layer,) = compare_layers([winner("pw", 2.0)], plain)
    assert layer.dense_ms == 3.0


def test_layers_of_one_model_alone_are_left_out():
    assert compare_layers([select(0.1), winner("a", 1.0)], [dense("b", 1.0)]) == []
    assert compare_layers([], [dense("b", 1.0)]) == []


def test_the_limit_is_that_of_the_macs_where_they_are_known():
    layers = compare_layers([winner("a", 1.0), winner("b", 1.0)], [dense("a", 3.0), dense("b", 3.0)], {"a": 0.25})
    assert [(layer.mac_share, layer.fraction_of_limit) for layer in layers] == [(0.25, 0.75), (None, None)]


def test_mac_shares_are_those_of_the_winners():
    shape = LayerShape("", "conv", "conv2d", height=4, width=4, channels=8, outputs=4, kernel=3, stride=1)
    assert mac_shares(read_model(winner_layer(shape, 0.25))) == {"conv": pytest.approx(0.25)}
