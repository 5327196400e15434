# SPDX-License-Identifier: Apache-2.0
"""Selections behind winner convolutions and pairs read the scores that these make."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse.conversion import graph
from tfsparse.conversion.passes.fuse_conv2d import fuse_conv2d
from tfsparse.conversion.passes.fuse_depthwise_conv2d import fuse_depthwise_conv2d
from tfsparse.conversion.passes.fuse_ranking import fuse_ranking
from tfsparse.conversion.passes.fuse_separable_conv2d import fuse_separable_conv2d
from tfsparse.conversion.passes.remove_dead import remove_dead


def two_convolutions(score: str = "max"):
    """mask → convolution → mask → convolution, its operators fused."""
    builder = GraphBuilder()
    hidden = builder.conv2d(builder.mask(builder.input([2, 9, 9, 8]), 3), random(20, 3, 3, 8))
    model = builder.model(builder.conv2d(builder.mask(hidden, 5, score=score), random(4, 3, 3, 20)))
    fuse_conv2d(model)
    remove_dead(model)
    return model


def two_pairs():
    """mask → depthwise and pointwise convolution → mask → likewise, its operators fused."""
    builder = GraphBuilder()
    hidden = builder.depthwise_conv2d(builder.mask(builder.input([2, 9, 9, 8]), 3), random(1, 3, 3, 8))
    hidden = builder.mask(builder.conv2d(hidden, random(20, 1, 1, 8)), 5)
    model = builder.model(builder.conv2d(builder.depthwise_conv2d(hidden, random(1, 3, 3, 20)), random(4, 1, 1, 20)))
    fuse_depthwise_conv2d(model)
    fuse_separable_conv2d(model)
    remove_dead(model)
    return model


def ranked(model):
    changed = copy.deepcopy(model)
    fuse_ranking(changed)
    return changed


@pytest.mark.parametrize(
    ("make", "name"), [(two_convolutions, "WinnerConv2D"), (two_pairs, "WinnerSeparableConv2D")], ids=["conv", "pair"]
)
def test_the_second_selection_reads_scores_and_the_result_stays(make, name):
    model = make()
    changed = ranked(model)
    assert names(changed) == ["SelectWinners", name, "SelectWinners", name]
    _, conv, select, last = changed.subgraphs[0].operators
    y, scores = graph.outputs_of(conv)
    assert graph.inputs_of(select) == [scores]
    assert graph.inputs_of(last)[0] == y
    assert graph.shape_of(changed.subgraphs[0].tensors[scores]) == (2, 20)
    np.testing.assert_array_equal(run(changed), run(model))


def test_running_it_again_changes_nothing():
    once = ranked(two_convolutions())
    twice = ranked(once)
    assert [graph.outputs_of(o) for o in twice.subgraphs[0].operators] == [
        graph.outputs_of(o) for o in once.subgraphs[0].operators
    ]


def test_a_selection_by_mean_reads_the_map():
    model = two_convolutions(score="mean")
    select = ranked(model).subgraphs[0].operators[2]
    assert graph.inputs_of(select) == graph.inputs_of(model.subgraphs[0].operators[2])


def test_a_selection_of_the_input_stays():
    model = two_convolutions()
    assert graph.inputs_of(ranked(model).subgraphs[0].operators[0]) == graph.inputs_of(model.subgraphs[0].operators[0])


def test_selections_of_one_map_share_its_scores():
    builder = GraphBuilder()
    hidden = builder.conv2d(builder.mask(builder.input([1, 6, 6, 8]), 3), random(12, 1, 1, 8))
    outputs = [builder.conv2d(builder.mask(hidden, k + 2), random(4, 1, 1, 12)) for k in range(2)]
    model = builder.model(*outputs)
    fuse_conv2d(model)
    remove_dead(model)
    changed = ranked(model)
    selects = [o for o in changed.subgraphs[0].operators if graph.op_name(changed, o) == "TfSparseSelectWinners"][1:]
    assert len({graph.inputs_of(select)[0] for select in selects}) == 1
