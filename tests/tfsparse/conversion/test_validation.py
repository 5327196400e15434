# SPDX-License-Identifier: Apache-2.0
"""Each rule that a model's graph has to follow."""

from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, random
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.errors import ModelFormatError


def good() -> schema.ModelT:
    builder = GraphBuilder()
    y = builder.conv2d(builder.input([1, 5, 5, 8]), random(4, 3, 3, 8))
    model = builder.model(builder.builtin("RELU", [y], [1, 5, 5, 4]))
    main = model.subgraphs[0]
    model.signatureDefs = [
        schema.SignatureDefT(
            inputs=[schema.TensorMapT(name="x", tensorIndex=int(main.inputs[0]))],
            outputs=[schema.TensorMapT(name="y", tensorIndex=int(main.outputs[0]))],
            signatureKey="serve",
        )
    ]
    model.metadata = [schema.MetadataT(name="note", buffer=0)]
    return read_model(serialize(model))


def tensor(index: int, **values):
    def change(model):
        for key, value in values.items():
            setattr(model.subgraphs[0].tensors[index], key, value)

    return change


def operator(index: int, **values):
    def change(model):
        for key, value in values.items():
            setattr(model.subgraphs[0].operators[index], key, value)

    return change


def option(**values):
    def change(model):
        for key, value in values.items():
            setattr(model.subgraphs[0].operators[0].builtinOptions, key, value)

    return change


def top(**values):
    def change(model):
        for key, value in values.items():
            setattr(model, key, value)

    return change


def swap_operators(model):
    model.subgraphs[0].operators.reverse()


def quantized(**values):
    parameters = schema.QuantizationParametersT(scale=np.ones(3, np.float32), zeroPoint=np.zeros(3, np.int64))
    for key, value in values.items():
        setattr(parameters, key, value)
    return tensor(0, quantization=parameters)


def string_tensor(model):
    main = model.subgraphs[0]
    model.buffers.append(schema.BufferT(data=np.frombuffer(np.array([3, 99, 5], np.int32).tobytes(), np.uint8)))
    main.tensors.append(schema.TensorT(type=schema.TensorType.STRING, shape=ints(3), buffer=len(model.buffers) - 1))


def constant_output(model):
    model.buffers.append(schema.BufferT(data=np.zeros(4 * 5 * 5 * 4, np.uint8)))
    model.subgraphs[0].tensors[4].buffer = len(model.buffers) - 1


def ints(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


BROKEN = {
    "version": (top(version=2), "schema version"),
    "no_subgraph": (top(subgraphs=[]), "at least one subgraph"),
    "no_buffer": (top(buffers=[]), "buffer"),
    "operator_code": (lambda m: setattr(m.operatorCodes[0], "builtinCode", 5000), "operator of the schema"),
    "tensor_type": (tensor(0, type=99), "a type of the schema"),
    "tensor_buffer": (tensor(0, buffer=77), r"its buffer is wrong.*index from 0"),
    "negative_size": (tensor(0, shape=ints(1, -5, 5, 8)), "none negative"),
    "too_many_axes": (tensor(0, shape=np.ones(9, np.int32)), "at most 8 sizes"),
    "too_many_elements": (tensor(0, shape=ints(1, 65536, 65536, 8)), "elements"),
    "shape_signature": (tensor(0, shapeSignature=ints(-1, 5, 5, 9)), "shape signature"),
    "constant_size": (tensor(2, shape=ints(4, 3, 3, 7)), "1008 bytes of data"),
    "tensor_name": (tensor(0, name=b"\xff\xfe"), "UTF-8"),
    "string_data": (string_tensor, "well-formed strings"),
    "zero_points": (quantized(zeroPoint=np.zeros(2, np.int64)), "zero points"),
    "quantized_axis": (quantized(quantizedDimension=6), "quantization"),
    "quantized_size": (quantized(quantizedDimension=3), "8 scales"),
    "opcode_index": (operator(0, opcodeIndex=9), "operator code"),
    "input_index": (operator(0, inputs=ints(0, 1, 55)), "input 2"),
    "input_absent": (operator(0, inputs=ints(-1, 1, 2)), "input 0"),
    "output_index": (operator(1, outputs=ints(-2)), "an index from 0"),
    "stride": (option(strideW=0), "option strideW.*at least 1"),
    "dilation": (option(dilationHFactor=-1), "option dilationHFactor"),
    "padding": (option(padding=52), "option padding.*a value of the schema"),
    "activation": (option(fusedActivationFunction=99), "option fusedActivationFunction"),
    "short_shape_signature": (tensor(0, shapeSignature=ints(-1, 5)), "shape signature"),
    "options_of_another": (
        operator(0, builtinOptions=schema.SoftmaxOptionsT(), builtinOptionsType=schema.BuiltinOptions.SoftmaxOptions),
        "options of CONV_2D",
    ),
    "options_missing": (operator(0, builtinOptions=None, builtinOptionsType=0), "options of CONV_2D"),
    "too_few_inputs": (operator(0, inputs=ints(0)), "at least 2 inputs"),
    "no_output": (operator(1, outputs=ints()), "at least 1 outputs"),
    "other_rank": (tensor(4, shape=ints(1, 25, 4)), "shapes and types go together"),
    "other_size": (tensor(4, shape=ints(1, 5, 5, 3)), "shapes and types go together"),
    "other_type": (tensor(4, type=schema.TensorType.INT32), "shapes and types go together"),
    "other_channels": (tensor(3, shape=ints(1, 5, 5, 9)), "shapes and types go together"),
    "order": (swap_operators, "inputs computed before it"),
    "written_twice": (operator(1, outputs=ints(3)), "outputs that nothing else writes"),
    "constant_written": (constant_output, "outputs that nothing else writes"),
    "graph_input": (lambda m: setattr(m.subgraphs[0], "inputs", ints(44)), "list `inputs`"),
    "graph_output": (lambda m: setattr(m.subgraphs[0], "outputs", ints(-1)), "list `outputs`"),
    "metadata_buffer": (lambda m: setattr(m.metadata[0], "buffer", 50), "metadata 0"),
    "signature_tensor": (lambda m: setattr(m.signatureDefs[0].inputs[0], "tensorIndex", 50), "signature 0"),
    "signature_subgraph": (lambda m: setattr(m.signatureDefs[0], "subgraphIndex", 5), "signature 0"),
    "signature_key": (lambda m: setattr(m.signatureDefs[0], "signatureKey", None), "signature 0.*a key"),
    "called_subgraph": (
        operator(1, builtinOptions=schema.WhileOptionsT(condSubgraphIndex=7),
                 builtinOptionsType=schema.BuiltinOptions.WhileOptions),
        "condSubgraphIndex",
    ),
}  # fmt: skip


def test_a_good_model_passes():
    assert len(good().subgraphs[0].operators) == 2


def test_an_empty_shape_signature_says_that_all_is_known():
    model = good()
    model.subgraphs[0].tensors[0].shapeSignature = ints()
    assert read_model(serialize(model)).subgraphs[0].tensors[0].shapeSignature is None


@pytest.mark.parametrize(("damage", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_rule_is_named(damage, message):
    model = good()
    damage(model)
    content = serialize(model)
    with pytest.raises(ModelFormatError, match=message):
        read_model(content)
