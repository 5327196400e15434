# SPDX-License-Identifier: Apache-2.0
"""Markers become selections and masks."""

from __future__ import annotations

import numpy as np
import pytest

from tests.utils import winner_oracle as oracle
from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse import ops
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.conversion.op_codec import options_of
from tfsparse.conversion.passes.lower_markers import lower_markers


def lowered(shape: list[int], winners: int, unit: str = "channel"):
    builder = GraphBuilder()
    model = builder.model(builder.marker(builder.input(shape), winners, unit))
    return model, lower_markers(model)


@pytest.mark.parametrize(("shape", "unit"), [([2, 3, 4, 6], "channel"), ([2, 10], "neuron"), ([2, 3, 4], "neuron")])
def test_a_marker_becomes_a_selection_and_a_mask(shape, unit):
    model, dropped = lowered(shape, 3, unit)
    assert dropped == []
    assert names(model) == ["SelectWinners", "MaskWinners"]
    x = random(*shape, seed=3)
    np.testing.assert_array_equal(run(model), oracle.mask_winners(x, oracle.select_winners(x, 3, "max", unit), unit))


def test_the_selection_takes_over_the_attributes():
    model, _ = lowered([1, 3, 3, 8], 4)
    select = options_of(model.subgraphs[0].operators[0], model)
    assert select == ops.SelectWinners("wta", 4, 0.5, "max", "channel")


@pytest.mark.parametrize(("shape", "winners", "unit"), [([1, 3, 3, 8], 8, "channel"), ([1, 2, 5], 10, "neuron")])
def test_a_marker_that_keeps_everything_disappears(shape, winners, unit):
    model, dropped = lowered(shape, winners, unit)
    assert [options.layer for options in dropped] == ["wta"]
    assert names(model) == []
    assert model.subgraphs[0].outputs.tolist() == model.subgraphs[0].inputs.tolist()


def test_an_output_keeps_its_tensor_when_its_marker_disappears():
    builder = GraphBuilder()
    relu = builder.builtin("RELU", [builder.input([1, 3, 3, 8])], [1, 3, 3, 8])
    model = builder.model(builder.marker(relu, 8))
    outputs = model.subgraphs[0].outputs.tolist()
    lower_markers(model)
    assert model.subgraphs[0].outputs.tolist() == outputs
    np.testing.assert_array_equal(run(model), np.maximum(random(1, 3, 3, 8, seed=3), 0))


def test_one_winner_less_than_all_still_masks():
    model, dropped = lowered([1, 3, 3, 8], 7)
    assert (dropped, names(model)) == ([], ["SelectWinners", "MaskWinners"])


def test_running_it_again_changes_nothing():
    model, _ = lowered([1, 3, 3, 8], 4)
    before = serialize(model)
    assert lower_markers(model) == []
    assert serialize(model) == before
    assert names(read_model(before)) == ["SelectWinners", "MaskWinners"]
