# SPDX-License-Identifier: Apache-2.0
"""What part of its work a layer has left."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from tests.utils.networks import NETWORKS, build, network_names
from tfsparse import sparsify
from tfsparse.analysis.graph import trace
from tfsparse.analysis.shares import WinnerShare, winner_shares
from tfsparse.layers import WTADropout


def share_of(model: keras.Model, layer: str, index: int = 0) -> WinnerShare | None:
    return winner_shares(trace(model)).get((id(model.get_layer(layer)), index))


def stack(*between, consumer=None) -> keras.Model:
    consumer = consumer or layers.Dense(3, name="consumer")
    return keras.Sequential([keras.Input((6, 6, 3)), layers.Conv2D(8, 3), *between, consumer])


def conv() -> layers.Layer:
    return layers.Conv2D(3, 1, name="consumer")


@pytest.mark.parametrize("name", network_names())
def test_every_call_of_a_masked_consumer_has_a_share(name):
    graph = trace(sparsify(build(name), 0.5))
    shares = winner_shares(graph)
    paths = [call.path for call in graph.calls if (id(call.layer), call.index) in shares]
    assert set(paths) == NETWORKS[name][1]
    assert all(share.winners == (share.units + 1) // 2 for share in shares.values())


@pytest.mark.parametrize("name", network_names())
def test_without_masks_there_are_no_shares(name):
    assert winner_shares(trace(build(name))) == {}


@pytest.mark.parametrize(
    "between",
    [
        [WTADropout(0.25)],
        [WTADropout(0.25), layers.ReLU(), layers.MaxPooling2D(), layers.ZeroPadding2D(1)],
        [WTADropout(0.25), layers.Reshape((2, 8, 8))],
    ],
)
def test_of_a_convolution(between):
    assert share_of(stack(*between, consumer=conv()), "consumer") == WinnerShare(2, 8)


@pytest.mark.parametrize(
    ("between", "share"),
    [
        ([WTADropout(0.25), layers.Flatten()], WinnerShare(2, 8)),
        ([WTADropout(0.25), layers.MaxPooling2D(), layers.Flatten(), layers.Dropout(0.1)], WinnerShare(2, 8)),
        ([WTADropout(0.25), layers.GlobalAveragePooling2D()], WinnerShare(2, 8)),
        ([layers.Flatten(), WTADropout(0.25)], WinnerShare(32, 128)),
        ([WTADropout(0.25, unit="neuron"), layers.Flatten()], WinnerShare(32, 128)),
    ],
)
def test_of_a_dense_layer(between, share):
    assert share_of(stack(*between), "consumer") == share


@pytest.mark.parametrize(
    "between",
    [
        [WTADropout(0.25), layers.BatchNormalization()],
        [WTADropout(0.25), layers.Conv2D(8, 1, activation="relu")],
        [WTADropout(0.25), layers.Reshape((8, 4, 4))],
        [WTADropout(0.25, unit="neuron")],
    ],
)
def test_a_convolution_that_does_not_read_winners_has_none(between):
    assert share_of(stack(*between, consumer=conv()), "consumer") is None


def test_elements_that_are_pooled_are_no_winners_any_more():
    assert share_of(stack(WTADropout(0.25, unit="neuron"), layers.MaxPooling2D(), layers.Flatten()), "consumer") is None


@pytest.mark.parametrize(
    "layer",
    [
        layers.DepthwiseConv2D(3, depth_multiplier=2, name="consumer"),
        layers.SeparableConv2D(4, 3, depth_multiplier=2, name="consumer"),
        layers.Conv2D(4, 3, groups=2, name="consumer"),
    ],
    ids=["multiplied", "separable_multiplied", "grouped"],
)
def test_multiplied_and_grouped_convolutions_have_none(layer):
    assert share_of(stack(WTADropout(0.25), consumer=layer), "consumer") is None


@pytest.mark.parametrize(
    "kind", [layers.DepthwiseConv2D, lambda size, name: layers.SeparableConv2D(4, size, name=name)]
)
def test_of_a_depthwise_and_a_separable_convolution(kind):
    assert share_of(stack(WTADropout(0.25), consumer=kind(3, name="consumer")), "consumer") == WinnerShare(2, 8)


@pytest.mark.parametrize(
    "between",
    [
        [layers.DepthwiseConv2D(3)],
        [layers.DepthwiseConv2D(3, activation="relu6"), layers.Dropout(0.1)],
        [layers.DepthwiseConv2D(3), layers.BatchNormalization(), layers.ReLU(6.0)],
        [layers.ZeroPadding2D(1), layers.DepthwiseConv2D(3), layers.Activation("relu")],
    ],
)
def test_a_pointwise_convolution_shares_the_winners_of_the_depthwise_one_before_it(between):
    assert share_of(stack(WTADropout(0.25), *between, consumer=conv()), "consumer") == WinnerShare(2, 8)


@pytest.mark.parametrize(
    "between",
    [
        [layers.DepthwiseConv2D(3, activation="tanh")],
        [layers.DepthwiseConv2D(3), layers.Activation("tanh")],
        [layers.DepthwiseConv2D(3), layers.ReLU(), layers.BatchNormalization()],
        [layers.DepthwiseConv2D(3, activation="relu"), layers.BatchNormalization()],
        [layers.DepthwiseConv2D(3, depth_multiplier=2)],
        [layers.DepthwiseConv2D(3), layers.MaxPooling2D()],
    ],
)
def test_a_pointwise_convolution_behind_something_else_has_none(between):
    assert share_of(stack(WTADropout(0.25), *between, consumer=conv()), "consumer") is None


def test_a_depthwise_convolution_that_others_read_makes_no_pair():
    x = keras.Input((6, 6, 8))
    y = layers.DepthwiseConv2D(3, name="depthwise")(WTADropout(0.25)(layers.Conv2D(8, 1)(x)))
    model = keras.Model(x, [conv()(y), y])
    assert share_of(model, "depthwise") == WinnerShare(2, 8)
    assert share_of(model, "consumer") is None


def test_reaches_into_nested_models():
    head = keras.Sequential([keras.Input((4, 4, 8)), layers.Conv2D(2, 1, name="inside")], name="head")
    model = stack(WTADropout(0.25), consumer=head)
    graph = trace(model)
    assert winner_shares(graph) == {(id(head.get_layer("inside")), 0): WinnerShare(2, 8)}
