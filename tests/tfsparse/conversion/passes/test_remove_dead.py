# SPDX-License-Identifier: Apache-2.0
"""What reaches no output leaves the file."""

from __future__ import annotations

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, names, random, run
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.conversion.passes.remove_dead import remove_dead


def branched():
    """A live RELU, and a dead branch with weights and an operator code of its own."""
    builder = GraphBuilder()
    x = builder.input([1, 4, 4, 3])
    builder.builtin("TANH", [builder.conv2d(x, random(6, 3, 3, 3))], [1, 4, 4, 6])
    model = builder.model(builder.builtin("RELU", [x], [1, 4, 4, 3]))
    note = np.frombuffer(b"note", np.uint8)
    model.buffers.append(schema.BufferT(data=note))
    model.metadata = [schema.MetadataT(name="note", buffer=len(model.buffers) - 1)]
    entries = [[schema.TensorMapT(name=name, tensorIndex=int(index))] for name, index in
               (("x", model.subgraphs[0].inputs[0]), ("y", model.subgraphs[0].outputs[0]))]  # fmt: skip
    model.signatureDefs = [schema.SignatureDefT(inputs=entries[0], outputs=entries[1], signatureKey="serve")]
    return model


def test_removes_dead_operators_with_all_that_is_theirs():
    model = branched()
    expected = run(model)
    remove_dead(model)
    assert names(model) == ["RELU"]
    assert (len(model.subgraphs[0].tensors), len(model.operatorCodes), len(model.buffers)) == (2, 1, 2)
    np.testing.assert_array_equal(run(model), expected)


def test_keeps_metadata_and_signatures_right():
    model = branched()
    remove_dead(model)
    model = read_model(serialize(model))
    assert bytes(model.buffers[model.metadata[0].buffer].data) == b"note"
    signature, main = model.signatureDefs[0], model.subgraphs[0]
    assert signature.inputs[0].tensorIndex == main.inputs[0]
    assert signature.outputs[0].tensorIndex == main.outputs[0]


def test_keeps_buffer_zero_empty():
    model = branched()
    remove_dead(model)
    assert model.buffers[0].data is None
    assert all(t.buffer == 0 for t in model.subgraphs[0].tensors if not graph.is_constant(model, t))


def test_keeps_what_is_needed():
    builder = GraphBuilder()
    model = builder.model(builder.conv2d(builder.mask(builder.input([1, 4, 4, 3]), 2), random(6, 3, 3, 3)))
    before = names(model)
    remove_dead(model)
    assert names(model) == before


def test_running_it_again_changes_nothing():
    model = branched()
    remove_dead(model)
    before = serialize(model)
    remove_dead(model)
    assert serialize(model) == before
