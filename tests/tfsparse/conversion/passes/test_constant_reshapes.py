# SPDX-License-Identifier: Apache-2.0
"""RESHAPEs get constant targets where that is safe."""

from __future__ import annotations

import copy

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random
from tfsparse import Interpreter
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.passes.constant_reshapes import make_reshapes_constant
from tfsparse.conversion.passes.remove_dead import remove_dead


def computed_reshape(target, stored, signature):
    """A RESHAPE of `[batch, 3, 4]` to a target that the graph passes through an operator."""
    builder = GraphBuilder()
    x = builder.input([-1, 3, 4])
    shape = builder.tensor([len(target)], np.int32)
    constant = builder.constant(np.array(target, np.int32))
    code = schema.OperatorCodeT(builtinCode=schema.BuiltinOperator.ABS, deprecatedBuiltinCode=101, version=1)
    builder._add(code, [constant], [shape])
    y = builder.builtin("RESHAPE", [x, shape], stored)
    builder._tensors[y].shapeSignature = signature
    return builder, y


def changed(model):
    after = copy.deepcopy(model)
    make_reshapes_constant(after)
    remove_dead(after)
    return after


def target_of(model):
    subgraph = model.subgraphs[0]
    reshape = next(op for op in subgraph.operators if graph.op_name(model, op) == "RESHAPE")
    value = graph.constant_value(model, subgraph.tensors[reshape.inputs[1]])
    return None if value is None else value.tolist()


def test_one_open_axis_becomes_minus_one():
    builder, y = computed_reshape([1, 12], [1, 12], [-1, 12])
    after = changed(builder.model(y))
    assert (names(after), target_of(after)) == (["RESHAPE"], [-1, 12])
    x = random(5, 3, 4)
    np.testing.assert_array_equal(Interpreter(serialize(after)).predict(x), x.reshape(5, 12))


def test_two_open_axes_stay():
    builder, y = computed_reshape([3, 4], [1, 1], [-1, -1])
    model = builder.model(y)
    assert names(changed(model)) == names(model)


def test_a_stored_shape_that_disagrees_stays():
    builder, y = computed_reshape([3, 4], [1, 4], [-1, 4])
    model = builder.model(y)
    assert names(changed(model)) == names(model)


def test_a_product_tells_the_open_axes():
    builder, y = computed_reshape([3, 4], [1, 1], [-1, -1])
    after = changed(builder.model(builder.fully_connected(y, random(2, 4), 1)))
    assert (names(after), target_of(after)) == (["RESHAPE", "FULLY_CONNECTED"], [-1, 4])
    result = after.subgraphs[0].tensors[after.subgraphs[0].outputs[0]]
    assert graph.shape_of(result) == (3, 2)


def test_constant_targets_stay_as_they_are():
    builder = GraphBuilder()
    model = builder.model(builder.reshape(builder.input([2, 6]), [3, 4]))
    assert serialize(changed(model)) == serialize(model)


def test_running_it_again_changes_nothing():
    builder, y = computed_reshape([1, 12], [1, 12], [-1, 12])
    once = changed(builder.model(y))
    assert serialize(changed(once)) == serialize(once)
