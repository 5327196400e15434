# SPDX-License-Identifier: Apache-2.0
"""Which layers can read winners, and where."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from tests.utils.networks import NETWORKS, build, network_names
from tfsparse.analysis.consumers import Consumers, find_consumers
from tfsparse.analysis.graph import trace
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import WTADropout


def consumers_of(*stack: layers.Layer, shape=(8, 8, 3)) -> Consumers:
    return find_consumers(trace(keras.Sequential([keras.Input(shape), *stack])))


@pytest.mark.parametrize("name", network_names())
def test_finds_the_consumers(name):
    assert set(find_consumers(trace(build(name))).default_names) == NETWORKS[name][1]


@pytest.mark.parametrize("name", network_names())
def test_every_other_layer_has_a_reason(name):
    graph = trace(build(name))
    consumers = find_consumers(graph)
    assert set(consumers.found) | set(consumers.refused) == {call.path for call in graph.calls}
    assert not set(consumers.found) & set(consumers.refused)


@pytest.mark.parametrize(
    "layer",
    [
        layers.ZeroPadding2D(1),
        layers.Rescaling(2.0),
        layers.BatchNormalization(),
        layers.PReLU(),
        layers.LayerNormalization(axis=[1, 2, 3]),
        layers.MaxPooling2D(),
        layers.Permute((2, 1, 3)),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_an_input_without_mixing_is_still_the_input(layer):
    assert "conv" not in consumers_of(layer, layers.Conv2D(4, 3, name="conv")).found


@pytest.mark.parametrize(
    "layer",
    [layers.Conv2D(4, 1), layers.DepthwiseConv2D(3), layers.Conv2DTranspose(4, 3), layers.Dense(4)],
    ids=lambda layer: type(layer).__name__,
)
def test_a_mixing_layer_makes_features(layer):
    assert "conv" in consumers_of(layer, layers.Conv2D(4, 3, name="conv")).found


def test_an_input_that_is_joined_with_features_is_still_the_input():
    x = keras.Input((8, 8, 3))
    joined = layers.Concatenate()([x, layers.Conv2D(4, 1)(x)])
    model = keras.Model(x, layers.Conv2D(2, 1, name="conv")(joined))
    assert "model's input" in find_consumers(trace(model)).refused["conv"]


def test_an_embedding_makes_features():
    assert "out" in consumers_of(layers.Embedding(9, 4), layers.Dense(2, name="out"), shape=(5,)).found


@pytest.mark.parametrize(
    ("between", "depth", "unit", "units"),
    [
        ([layers.Flatten()], 1, "channel", 4),
        ([layers.Reshape((-1,))], 1, "channel", 4),
        ([layers.Dropout(0.5), layers.Flatten(), layers.Dropout(0.5)], 2, "channel", 4),
        ([layers.GlobalAveragePooling2D()], 0, "neuron", 4),
        ([layers.Flatten(), layers.ReLU()], 0, "neuron", 144),
        ([layers.Flatten(), layers.BatchNormalization()], 0, "neuron", 144),
        ([], 0, "channel", 4),
        ([layers.Reshape((9, 16))], 0, "channel", 16),
    ],
)
def test_where_the_mask_of_a_dense_layer_belongs(between, depth, unit, units):
    consumers = consumers_of(layers.Conv2D(4, 3), *between, layers.Dense(2, name="out"))
    (edge,) = consumers.found["out"].edges
    assert (len(edge.chain), edge.unit, edge.units, edge.mask) == (depth, unit, units, None)


@pytest.mark.parametrize(
    "between",
    [
        [],
        [layers.MaxPooling2D()],
        [layers.ReLU(), layers.ZeroPadding2D(1)],
        [layers.Activation("tanh"), layers.Dropout(0.1)],
        [layers.LeakyReLU()],
    ],
)
def test_a_mask_is_found_through_layers_that_keep_zero_channels(between):
    consumers = consumers_of(layers.Conv2D(4, 3), WTADropout(0.5, name="mask"), *between, layers.Conv2D(2, 1, name="c"))
    (edge,) = consumers.found["c"].edges
    assert edge.mask.path == "mask"
    assert len(edge.chain) == len(between)


@pytest.mark.parametrize(
    "between", [layers.BatchNormalization(), layers.Activation("sigmoid"), layers.Rescaling(1.0, offset=1.0)]
)
def test_a_mask_is_lost_behind_layers_that_fill_zero_channels(between):
    consumers = consumers_of(layers.Conv2D(4, 3), WTADropout(0.5), between, layers.Conv2D(2, 1, name="c"))
    assert consumers.found["c"].edges[0].mask is None


def test_channels_first_is_refused():
    consumers = consumers_of(
        layers.Conv2D(4, 3, data_format="channels_first"),
        layers.Conv2D(4, 3, data_format="channels_first", name="c"),
        shape=(3, 8, 8),
    )
    assert "not on the last axis" in consumers.refused["c"]


def test_a_layer_that_reads_different_kinds_of_inputs_is_refused():
    x = keras.Input((4, 4, 3))
    shared = layers.Dense(2, name="shared")
    maps = [layers.Conv2D(4, 4)(x), layers.Conv2D(2, 3)(x)]
    flat = [layers.Flatten()(maps[0]), layers.GlobalMaxPooling2D()(layers.Conv2D(4, 1)(maps[1]))]
    model = keras.Model(x, [shared(y) for y in flat])
    assert "different kinds of inputs" in find_consumers(trace(model)).refused["shared"]


def test_require_names_the_candidates():
    consumers = find_consumers(trace(build("sequential")))
    consumers.require(["fc1"], "rates")
    with pytest.raises(InvalidArgumentError, match=r"`rates` names layer 'fc9'.*'conv2', 'fc1', 'fc2'"):
        consumers.require(["fc1", "fc9"], "rates")
