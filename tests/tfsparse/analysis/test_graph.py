# SPDX-License-Identifier: Apache-2.0
"""The graph of a model."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from tests.utils.networks import build, network_names, samples
from tfsparse.analysis.activations import observing, run
from tfsparse.analysis.graph import trace
from tfsparse.analysis.models import named_layers


@pytest.mark.parametrize("name", network_names())
def test_calls_are_those_of_a_forward_pass(name):
    model = build(name)
    calls = [call for call in trace(model).calls if isinstance(call.layer, keras.Layer)]
    seen = []

    def observe(layer, index, inputs, outputs):
        seen.append((layer.name, index, tuple(keras.tree.flatten(outputs)[0].shape)[1:]))

    with observing(named_layers(model).values(), observe):
        run(model, samples(model))
    shapes = trace(model).shapes
    assert [(call.layer.name, call.index, shapes[call.outputs[0]][1:]) for call in calls] == seen


@pytest.mark.parametrize("name", network_names())
def test_values_are_made_before_they_are_read(name):
    graph = trace(build(name))
    known = set(graph.inputs)
    for call in graph.calls:
        assert known.issuperset(call.inputs)
        assert all(graph.producer(value) is call for value in call.outputs if value not in known)
        known.update(call.outputs)
    assert known.issuperset(graph.outputs)


def test_tracing_adds_nothing_to_the_layers():
    model = build("shared_model")
    outputs = [layer.output for layer in model.layers if layer.name != "tower"]
    trace(model)
    assert all(a is b for a, b in zip(outputs, [la.output for la in model.layers if la.name != "tower"], strict=True))


def test_a_nested_model_called_twice_is_listed_twice():
    calls = [call for call in trace(build("shared_model")).calls if call.path == "tower/conv1"]
    assert [(call.index, call.position) for call in calls] == [(0, 0), (1, 0)]
    assert len({call.scope for call in calls}) == 2


def test_a_shared_layer_counts_its_calls():
    calls = [call for call in trace(build("shared_layer")).calls if call.path == "shared"]
    assert [(call.index, call.position) for call in calls] == [(0, 0), (1, 1)]


def test_the_output_of_a_nested_model_is_the_value_inside():
    graph = trace(build("nested_functional"))
    (flatten,) = (call for call in graph.calls if isinstance(call.layer, layers.Flatten))
    assert graph.producer(flatten.inputs[0]).path == "backbone/conv2"


def test_consumers_list_a_call_once_even_if_it_reads_a_value_twice():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Multiply(name="square")([x, x]))
    graph = trace(model)
    assert [call.path for call in graph.consumers(graph.inputs[0])] == ["square"]


def test_shapes_inside_a_nested_model_are_those_of_its_argument():
    inner = keras.Input((None, None, 3))
    backbone = keras.Model(inner, layers.Conv2D(4, 3, name="conv")(inner), name="backbone")
    x = keras.Input((8, 6, 3))
    graph = trace(keras.Model(x, backbone(x)))
    assert graph.shapes[graph.outputs[0]] == (None, 6, 4, 4)
