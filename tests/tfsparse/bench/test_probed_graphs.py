# SPDX-License-Identifier: Apache-2.0
"""Probes in any graph and of any type: the same results, and each layer between its own two probes."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.utils.graph_builder import GraphBuilder, random
from tfsparse import ops
from tfsparse.bench.probes import add_probes
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import read_model
from tfsparse.runtime.interpreter import Inputs, Interpreter

SHAPE = [1, 4, 4, 3]


def check_order(model: bytes) -> None:
    """Whatever stands between two probes reads the first of them, through others or not, and is read by the second."""
    network = read_model(model)
    main = network.subgraphs[0]
    since = dict.fromkeys(map(int, main.inputs), 0)  # tensor → how many probes it comes after
    passed = 0
    pending: set[int] = set()  # what was made since the last probe and nobody read yet
    for operator in main.operators:
        inputs = [index for index in graph.inputs_of(operator) if index in since]
        if not inputs:
            continue  # it unpacks weights
        pending -= set(inputs)
        if graph.op_name(network, operator) == ops.Probe.NAME:
            assert not pending
            passed += 1
        else:
            assert max(since[index] for index in inputs) == passed
            pending |= set(graph.outputs_of(operator))
        since |= dict.fromkeys(graph.outputs_of(operator), passed)


def assert_same_results(model: bytes, inputs: Inputs) -> None:
    expected, received = Interpreter(model).predict(inputs), Interpreter(add_probes(model)).predict(inputs)
    pairs = zip(expected, received, strict=True) if isinstance(expected, tuple) else [(expected, received)]
    for wanted, got in pairs:
        np.testing.assert_array_equal(got, wanted)


@st.composite
def graphs(draw: st.DrawFn) -> bytes:
    """Convolutions, padded ones, activations and additions of maps that were made before, in any wiring."""
    builder = GraphBuilder()
    maps = [builder.input(SHAPE) for _ in range(draw(st.integers(1, 2)))]
    paddings = builder.constant(np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32))
    unread = set(maps)
    for seed in range(draw(st.integers(1, 8))):
        x, y = draw(st.sampled_from(maps)), draw(st.sampled_from(maps))
        unread -= {x}
        kind = draw(st.sampled_from(["conv", "padded", "depthwise", "relu", "tanh", "add"]))
        if kind == "conv":
            made = builder.conv2d(x, random(3, 3, 3, 3, seed=seed))
        elif kind == "padded":
            wide = builder.builtin("PAD", [x, paddings], [1, 6, 6, 3], schema.PadOptionsT())
            made = builder.conv2d(wide, random(3, 3, 3, 3, seed=seed), padding=schema.Padding.VALID)
            builder._tensors[made].shape = SHAPE
        elif kind == "depthwise":
            made = builder.depthwise_conv2d(x, random(1, 3, 3, 3, seed=seed))
        elif kind == "add":
            unread -= {y}
            made = builder.builtin("ADD", [x, y], SHAPE, schema.AddOptionsT())
        else:
            made = builder.builtin(kind.upper(), [x], SHAPE)
        maps.append(made)
        unread.add(made)
    inputs = set(builder._inputs)
    return builder.finish(sorted(unread - inputs) or [maps[-1]])


@settings(max_examples=60)
@given(graphs())
def test_any_wiring_gives_the_same_results_layer_by_layer(model):
    check_order(add_probes(model))
    inputs = [random(*SHAPE, seed=number) for number in range(len(read_model(model).subgraphs[0].inputs))]
    assert_same_results(model, inputs if len(inputs) > 1 else inputs[0])


@pytest.fixture(scope="module")
def saved_model(tmp_path_factory):
    """A small residual network as TensorFlow saves it."""
    keras.utils.set_random_seed(0)
    x = keras.Input((8, 8, 3))
    y = keras.layers.Conv2D(6, 3, padding="same", activation="relu", name="conv1")(x)
    z = keras.layers.Conv2D(6, 3, padding="same", name="conv2")(y)
    head = keras.layers.Dense(4, name="head")(keras.layers.Flatten()(keras.layers.Add()([y, z])))
    path = tmp_path_factory.mktemp("saved")
    keras.Model(x, head).export(str(path), verbose=False)
    return path


@pytest.mark.parametrize("type_", ["float16", "int8"])
def test_networks_of_other_types_are_timed_too(saved_model, type_):
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_saved_model(str(saved_model))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if type_ == "float16":
        converter.target_spec.supported_types = [tf.float16]
    else:
        converter.representative_dataset = lambda: ([random(1, 8, 8, 3, seed=seed)] for seed in range(8))
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    model = converter.convert()
    check_order(add_probes(model))
    assert_same_results(model, random(3, 8, 8, 3, seed=9))
    interpreter = Interpreter(add_probes(model), profiling=True)
    interpreter.predict(random(1, 8, 8, 3))
    layers = [entry["kernel"] for entry in interpreter.profile() if entry["layer"]]
    assert sorted(layers) == ["CONV_2D", "CONV_2D", "FULLY_CONNECTED"]
