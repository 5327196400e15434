# SPDX-License-Identifier: Apache-2.0
"""What is said of a model is what is in it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.bench.models.layers import LayerShape, dense_layer, winner_layer
from tfsparse.conversion import graph
from tfsparse.conversion.op_codec import encode_options
from tfsparse.errors import ModelFormatError
from tfsparse.inspection import Macs, count_macs, describe_model, operator_macs

SHAPE = LayerShape("test", "conv", "conv2d", height=9, width=7, channels=16, outputs=24, kernel=3, stride=2)
CONV_MACS = 5 * 4 * 24 * 3 * 3 * 16


def one_operator(name, shapes, outputs, options=None):
    """A graph of one operator; the shapes of its inputs, then of its output."""
    main, operator, code, model = schema.SubGraphT(), schema.OperatorT(), schema.OperatorCodeT(), schema.ModelT()
    main.tensors = []
    for shape in [*shapes, outputs]:
        tensor = schema.TensorT()
        tensor.shape = np.array(shape, np.int32)
        main.tensors.append(tensor)
    operator.inputs = np.arange(len(shapes), dtype=np.int32)
    operator.outputs = np.array([len(shapes)], np.int32)
    if options is None:
        code.builtinCode = getattr(schema.BuiltinOperator, name)
    else:
        code.builtinCode, code.customCode = schema.BuiltinOperator.CUSTOM, name
        operator.customOptions = encode_options(options)
    main.operators, model.operatorCodes, model.subgraphs = [operator], [code], [main]
    return model


@pytest.mark.parametrize(
    ("name", "shapes", "output", "macs"),
    [
        ("CONV_2D", [(1, 8, 8, 3), (16, 3, 3, 3), (16,)], (1, 8, 8, 16), 8 * 8 * 16 * 27),
        ("CONV_2D", [(1, 8, 8, 4), (16, 3, 3, 2), (16,)], (1, 8, 8, 16), 8 * 8 * 16 * 18),
        ("DEPTHWISE_CONV_2D", [(1, 8, 8, 3), (1, 3, 3, 6), (6,)], (1, 4, 4, 6), 4 * 4 * 6 * 9),
        ("FULLY_CONNECTED", [(2, 30), (10, 30), (10,)], (2, 10), 600),
        ("TRANSPOSE_CONV", [(4,), (8, 2, 2, 3), (1, 5, 5, 3)], (1, 10, 10, 8), 5 * 5 * 3 * 8 * 4),
        ("BATCH_MATMUL", [(2, 3, 4), (2, 4, 5)], (2, 3, 5), 2 * 3 * 4 * 5),
        ("MAX_POOL_2D", [(1, 8, 8, 3)], (1, 4, 4, 3), 0),
        ("ADD", [(1, 8), (1, 8)], (1, 8), 0),
    ],
)
def test_builtin_operators_have_their_macs(name, shapes, output, macs):
    assert count_macs(one_operator(name, shapes, output)) == Macs(macs, macs)


def test_winner_fully_connected_saves_each_tap():
    options = ops.WinnerFullyConnected("fc", channels=16, activation="none", keep_num_dims=False)
    model = one_operator(options.NAME, [(1, 4, 16), (1, 5), (10, 64), (10,)], (1, 10), options)
    assert count_macs(model) == Macs(640, 10 * 4 * 5)


def test_winner_depthwise_conv_saves_channels():
    options = ops.WinnerDepthwiseConv2D("depthwise", 2, 2, 1, 1, "same", "none")
    model = one_operator(options.NAME, [(1, 8, 8, 6), (1, 2), (1, 3, 3, 6), (6,)], (1, 4, 4, 6), options)
    assert count_macs(model) == Macs(4 * 4 * 6 * 9, 4 * 4 * 2 * 9)


def test_winner_separable_conv_saves_channels_of_both_convolutions():
    options = ops.WinnerSeparableConv2D("pair", 2, 2, 1, 1, "same", "relu6", "none")
    shapes = [(1, 8, 8, 6), (1, 2), (1, 3, 3, 6), (10, 1, 1, 6), (6,), (10,)]
    model = one_operator(options.NAME, shapes, (1, 4, 4, 10), options)
    assert count_macs(model) == Macs(4 * 4 * 6 * (9 + 10), 4 * 4 * 2 * (9 + 10))


def test_operators_without_winners_count_as_dense():
    product = ops.WinnerFullyConnected("fc", 64, activation="none", keep_num_dims=False, skip_zeros=True)
    model = one_operator(product.NAME, [(1, 4, 16), (1, 5), (10, 64), (10,)], (1, 10), product)
    model.subgraphs[0].operators[0].inputs[1] = -1
    assert count_macs(model) == Macs(640, 640)
    conv = ops.WinnerConv2D("conv", 1, 1, 1, 1, "same", "none", skip_zeros=True)
    model = one_operator(conv.NAME, [(1, 8, 8, 4), (1, 2), (16, 3, 3, 4), (16,)], (1, 8, 8, 16), conv)
    model.subgraphs[0].operators[0].inputs[1] = -1
    assert count_macs(model) == Macs(8 * 8 * 16 * 36, 8 * 8 * 16 * 36)


def test_winner_conv_saves_channels():
    model = describe_model(winner_layer(SHAPE, 0.25))
    assert model.macs == Macs(CONV_MACS, CONV_MACS // 4)
    assert describe_model(dense_layer(SHAPE)).macs == Macs(CONV_MACS, CONV_MACS)


def test_macs_of_each_operator_add_up():
    from tfsparse.conversion.flatbuffer import read_model

    tree = read_model(winner_layer(SHAPE, 0.5))
    main = tree.subgraphs[0]
    assert sum((operator_macs(tree, main, operator) for operator in main.operators), Macs()) == count_macs(tree)


def test_description_tells_operators_in_order():
    select, conv = describe_model(winner_layer(SHAPE, 0.25)).operators
    assert (select.name, select.version, select.custom) == (ops.SelectWinners.NAME, ops.OP_VERSION, True)
    assert select.options == {"layer": "conv", "winners": 4, "winner_rate": 0.25, "score": "max", "unit": "channel"}
    assert conv.inputs == ["input", "conv/winners", "conv/filter", "conv/bias"]
    assert conv.outputs == ["conv"]
    assert conv.weight_bytes == 4 * (24 * 9 * 16 + 24)


def test_description_tells_builtin_options_and_tensors():
    description = describe_model(dense_layer(SHAPE))
    (conv,) = description.operators
    assert conv.name == "CONV_2D"
    assert conv.options["strideH"] == 2
    assert [tensor.name for tensor in description.inputs] == ["input"]
    assert description.outputs[0].shape == [1, 5, 4, 24]
    assert {tensor.name: tensor.bytes for tensor in description.tensors}["conv/bias"] == 96


def test_description_of_a_file_names_it(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_bytes(dense_layer(SHAPE))
    description = describe_model(path)
    assert description.source == str(path)
    assert description.bytes == path.stat().st_size


def test_description_is_json():
    description = describe_model(winner_layer(SHAPE, 0.25))
    stored = json.loads(description.to_json())
    assert stored["winner_rates"] == {"conv": 0.25}
    assert stored["operators"][1]["macs"] == {"dense": CONV_MACS, "computed": CONV_MACS // 4}


def test_optional_inputs_that_are_left_out_are_none():
    from tfsparse.conversion.flatbuffer import read_model, serialize

    tree = read_model(dense_layer(SHAPE))
    tree.subgraphs[0].operators[0].inputs = graph.as_indices([0, 1, graph.ABSENT])
    assert describe_model(serialize(tree)).operators[0].inputs == ["input", "conv/filter", None]


def test_other_files_are_refused(tmp_path):
    path = tmp_path / "model.tflite"
    path.write_text("hello")
    with pytest.raises(ModelFormatError, match=r"not a .tflite model"):
        describe_model(path)
