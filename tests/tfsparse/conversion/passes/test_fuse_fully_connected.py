# SPDX-License-Identifier: Apache-2.0
"""Products of masked data read the winners instead, flattened in between or not."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.op_codec import options_of
from tfsparse.conversion.passes.fuse_fully_connected import fuse_fully_connected
from tfsparse.conversion.passes.remove_dead import remove_dead

ACTIVATION = schema.ActivationFunctionType


def product(shape, width, unit="channel", reshapes=(), outputs=5, **changes):
    builder = GraphBuilder()
    y = builder.mask(builder.input(shape), 3, unit)
    for target in reshapes:
        y = builder.reshape(y, target)
    rows = int(np.prod(shape)) // width
    return builder.model(builder.fully_connected(y, random(outputs, width), rows, **changes))


def fused(model):
    changed = copy.deepcopy(model)
    fuse_fully_connected(changed)
    remove_dead(changed)
    return changed


FUSES = {
    "neurons": (lambda: product([2, 20], 20, "neuron"), 20),
    "channels": (lambda: product([2, 8], 8), 8),
    "flattened": (lambda: product([2, 3, 4, 8], 96, reshapes=[[2, 96]]), 8),
    "flattened_twice": (lambda: product([2, 3, 4, 8], 96, reshapes=[[2, 12, 8], [2, 96]]), 8),
    "rows": (lambda: product([2, 3, 8], 8, reshapes=[[6, 8]]), 8),
    "flattened_neurons": (lambda: product([2, 3, 4], 12, "neuron", reshapes=[[2, 12]]), 12),
    "relu": (lambda: product([2, 20], 20, "neuron", fusedActivationFunction=ACTIVATION.RELU), 20),
}


@pytest.mark.parametrize(("make", "channels"), FUSES.values(), ids=FUSES)
def test_fuses_and_keeps_the_result(make, channels):
    model = make()
    assert names(fused(model)) == ["SelectWinners", "WinnerFullyConnected"]
    np.testing.assert_allclose(run(fused(model)), run(model), rtol=0, atol=1e-5)
    assert options_of(fused(model).subgraphs[0].operators[-1], fused(model)).channels == channels


NEAR_MISSES = {
    "rows_of_neurons": lambda: product([2, 3, 8], 8, "neuron", reshapes=[[6, 8]]),
    "rows_across_pixels": lambda: product([2, 3, 4, 8], 12, reshapes=[[16, 12]]),
    "tanh": lambda: product([2, 20], 20, "neuron", fusedActivationFunction=ACTIVATION.TANH),
    "shuffled": lambda: product([2, 20], 20, "neuron", weightsFormat=1),
    "shape_kept": lambda: product([2, 3, 8], 8, reshapes=[[6, 8]], keepNumDims=True),
}


@pytest.mark.parametrize("make", NEAR_MISSES.values(), ids=NEAR_MISSES)
def test_near_misses_stay(make):
    model = make()
    assert names(fused(model)) == names(model)


def test_weights_that_are_computed_stay():
    builder = GraphBuilder()
    y = builder.mask(builder.input([2, 8]), 3)
    z = builder.fully_connected(y, random(5, 8), 2)
    builder._operators[-1].inputs[1] = builder.input([5, 8])
    model = builder.model(z)
    assert names(fused(model)) == names(model)


def test_a_reshape_that_others_read_stays():
    builder = GraphBuilder()
    flat = builder.reshape(builder.mask(builder.input([2, 3, 8]), 3), [2, 24])
    model = builder.model(builder.fully_connected(flat, random(5, 24), 2), flat)
    assert names(fused(model)) == ["SelectWinners", "MaskWinners", "RESHAPE", "WinnerFullyConnected"]
    np.testing.assert_allclose(run(fused(model)), run(model), rtol=0, atol=1e-5)


def test_running_it_again_changes_nothing():
    once = fused(FUSES["flattened"][0]())
    assert serialize(fused(once)) == serialize(once)
