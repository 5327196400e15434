# SPDX-License-Identifier: Apache-2.0
"""Models come out as they were put together."""

from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.bench.models import operators
from tfsparse.bench.models.builder import ModelBuilder
from tfsparse.conversion.flatbuffer import read_model
from tfsparse.conversion.op_codec import options_of
from tfsparse.runtime.interpreter import Interpreter


def test_operators_of_one_kind_share_their_code():
    builder = ModelBuilder()
    x = builder.input("x", (1, 4))
    y, z = builder.tensor("y", (1, 4)), builder.tensor("z", (1, 4))
    builder.builtin("RELU", [x], [y])
    builder.builtin("RELU", [y], [z])
    model = read_model(builder.finish([z]))
    assert [code.builtinCode for code in model.operatorCodes] == [schema.BuiltinOperator.RELU]
    assert [list(operator.outputs) for operator in model.subgraphs[0].operators] == [[y], [z]]


def test_winner_operator_keeps_its_options():
    builder = ModelBuilder()
    x = builder.input("x", (1, 6))
    winners = operators.select_winners(builder, "layer", x, 0.5)
    model = read_model(builder.finish([winners]))
    (operator,) = model.subgraphs[0].operators
    assert options_of(operator, model) == ops.SelectWinners("layer", 3, 0.5, "max", "channel")
    assert model.operatorCodes[0].version == ops.OP_VERSION
    assert builder.shape(winners) == (1, 3)


def test_constants_are_what_was_given():
    builder = ModelBuilder()
    x = builder.input("x", (1, 3))
    weights = np.arange(6, dtype=np.float32).reshape(2, 3)
    y = operators.fully_connected(builder, "fc", x, (weights, np.ones(2, np.float32)), activation="none")
    result = Interpreter(builder.finish([y])).predict(np.array([[1, 0, 2]], np.float32))
    np.testing.assert_array_equal(result, [[5, 14]])


@pytest.mark.parametrize(
    ("size", "stride", "padding", "expected"),
    [(3, 2, "same", 4), (3, 2, "valid", 3), (2, 2, "same", 4), (2, 2, "valid", 3), (1, 1, "same", 7)],
)
def test_pooled_map_has_the_runtimes_shape(size, stride, padding, expected):
    builder = ModelBuilder()
    y = operators.max_pool(builder, builder.input("x", (1, 7, 7, 2)), size, stride, padding)
    assert builder.shape(y) == (1, expected, expected, 2)
    assert Interpreter(builder.finish([y])).predict(np.ones((1, 7, 7, 2), np.float32)).shape == builder.shape(y)
