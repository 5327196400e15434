# SPDX-License-Identifier: Apache-2.0
"""The kernel report says what the native library really prepared."""

from __future__ import annotations

import json

import pytest

from tfsparse.bench.models.layers import LayerShape, winner_layer
from tfsparse.inspection import describe_kernels

CONV = LayerShape("test", "conv", "conv2d", height=28, width=28, channels=64, outputs=64, kernel=3, stride=1)
POINTWISE = LayerShape("test", "conv", "conv2d", height=28, width=28, channels=64, outputs=64, kernel=1, stride=1)


def chosen(shape: LayerShape):
    select, conv = describe_kernels(winner_layer(shape, 0.5)).chosen
    assert (select.op, select.weight_bytes) == ("TfSparseSelectWinners", 0)
    return conv


def test_large_3x3_layers_are_transformed_and_their_weights_grow():
    conv = chosen(CONV)
    assert (conv.op, conv.layer, conv.kernel) == ("TfSparseWinnerConv2D", "conv", "winograd_4x4")
    assert conv.weight_bytes == 36 * 64 * 64 * 4


def test_pointwise_layers_are_computed_directly():
    conv = chosen(POINTWISE)
    assert (conv.kernel, conv.weight_bytes) == ("direct", 64 * 64 * 4)


@pytest.mark.parametrize("isa", [kernel.isa for kernel in describe_kernels().available if kernel.usable])
def test_the_variable_decides_what_is_in_use(isa, monkeypatch):
    monkeypatch.setenv("TFSPARSE_ISA", isa)
    assert describe_kernels().isa == isa


def test_json_names_the_attributes():
    stored = json.loads(describe_kernels(winner_layer(POINTWISE, 0.5)).to_json())
    assert set(stored) == {"isa", "available", "chosen"}
    assert set(stored["chosen"][1]) == {"node", "op", "layer", "kernel", "weight_bytes"}
