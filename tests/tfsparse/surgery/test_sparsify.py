# SPDX-License-Identifier: Apache-2.0
"""Masks in front of the layers that read winners."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import tfsparse as ts
from tests.utils.masks import masks_of, winners_behind
from tests.utils.networks import NETWORKS, build, network_names, predict, samples
from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.consumers import find_consumers
from tfsparse.analysis.graph import trace
from tfsparse.analysis.models import named_layers
from tfsparse.layers import WTADropout
from tfsparse.winners import winner_count

every_network = pytest.mark.parametrize("name", network_names())


@every_network
def test_rate_one_leaves_predictions_and_weights_unchanged(name):
    model = build(name)
    x = samples(model)
    sparse = ts.sparsify(model, 1.0)
    assert masks_of(sparse)
    for expected, received in zip(predict(model, x), predict(sparse, x), strict=True):
        np.testing.assert_allclose(received, expected, rtol=1e-5, atol=1e-6)
    copies = named_layers(sparse)
    for path, layer in named_layers(model).items():
        for expected, received in zip(layer.get_weights(), copies[path].get_weights(), strict=True):
            np.testing.assert_array_equal(received, expected)


@every_network
def test_exactly_k_units_reach_the_consumer(name):
    model = build(name)
    sparse = ts.sparsify(model, 0.4)
    x = samples(model)
    for mask in masks_of(sparse).values():
        before, behind = winners_behind(mask, sparse, x)
        assert mask.winner_rate == 0.4
        np.testing.assert_array_equal(behind, np.minimum(before, mask.winners))


@every_network
def test_masks_every_consumer_and_nothing_else(name):
    sparse = ts.sparsify(build(name), 0.4)
    consumers = {
        name: consumer for name, consumer in find_consumers(trace(sparse)).found.items() if consumer.by_default
    }
    assert set(consumers) == NETWORKS[name][1]
    assert all(edge.mask is not None for consumer in consumers.values() for edge in consumer.edges)
    masks = {edge.mask.layer.name for consumer in consumers.values() for edge in consumer.edges}
    assert masks == {mask.name for mask in masks_of(sparse).values()}


@every_network
def test_twice_is_once(name):
    model = build(name)
    once = ts.sparsify(model, 0.4)
    twice = ts.sparsify(once, 0.4)
    x = samples(model)
    assert list(named_layers(twice)) == list(named_layers(once))
    for expected, received in zip(predict(once, x), predict(twice, x), strict=True):
        np.testing.assert_array_equal(received, expected)


@every_network
def test_new_rates_replace_old_ones(name):
    model = build(name)
    x = samples(model)
    changed = ts.sparsify(ts.sparsify(model, 0.3), 0.7)
    for expected, received in zip(predict(ts.sparsify(model, 0.7), x), predict(changed, x), strict=True):
        np.testing.assert_array_equal(received, expected)


@settings(max_examples=8)
@given(rates=st.dictionaries(st.sampled_from(sorted(NETWORKS["residual"][1])), st.floats(0.01, 1.0), min_size=1))
def test_each_consumer_has_the_rate_asked_for(rates):
    model = build("residual")
    sparse = ts.sparsify(model, rates)
    consumers = find_consumers(trace(sparse)).found
    given_rates = {
        name: edge.mask.layer.winner_rate
        for name, consumer in consumers.items()
        for edge in consumer.edges
        if edge.mask is not None
    }
    assert given_rates == rates
    x = samples(model)
    for mask in masks_of(sparse).values():
        _, kept = winners_behind(mask, sparse, x)
        np.testing.assert_array_equal(kept, winner_count(mask.winner_rate, 8))


def test_the_skip_connection_stays_dense():
    model = build("residual")
    sparse = ts.sparsify(model, {"conv2": 0.25})
    read = {}
    watched = [layer for layer in sparse.layers if isinstance(layer, layers.Add) or layer.name == "conv2"]
    with observing(watched, lambda layer, index, inputs, outputs: read.setdefault(layer.name, inputs)):
        run(sparse, samples(model))
    assert np.count_nonzero(np.any(to_numpy(read["conv2"]) != 0, axis=(0, 1, 2))) < 8
    skip = next(value for name, value in read.items() if name != "conv2")[0]
    assert np.all(to_numpy(skip) != 0)


def test_consumers_of_one_tensor_share_a_mask_at_one_rate():
    assert len(masks_of(ts.sparsify(build("concatenation"), {"left": 0.5, "right": 0.5}))) == 1
    assert len(masks_of(ts.sparsify(build("concatenation"), {"left": 0.5, "right": 0.25}))) == 2


def test_a_shared_mask_splits_when_the_rates_do():
    model = build("concatenation")
    split = ts.sparsify(ts.sparsify(model, 0.5), {"left": 0.25})
    consumers = find_consumers(trace(split)).found
    rates = {name: consumer.edges[0].mask.layer.winner_rate for name, consumer in consumers.items()}
    assert rates == {"left": 0.25, "right": 0.5, "join": 0.5}
    values = {consumers[name].edges[0].value for name in ("left", "right")}
    assert len(values) == 1, "the new mask reads the dense tensor, not the output of the old one"


def test_dense_layers_behind_one_flatten_share_the_mask_before_it():
    sparse = ts.sparsify(build("several_consumers"), {"fc1": 0.5, "fc2": 0.5, "conv2": 0.5})
    assert [mask.unit for mask in masks_of(sparse).values()] == ["channel"]


def test_a_dense_layer_behind_flatten_reads_whole_channels():
    sparse = ts.sparsify(build("sequential"), {"fc1": 0.5})
    names = [layer.name for layer in sparse.layers]
    assert isinstance(sparse, keras.Sequential)
    assert names.index("wta_fc1") + 1 == next(i for i, n in enumerate(names) if n.startswith("flatten"))


def test_a_shared_layer_has_one_mask_for_all_calls():
    sparse = ts.sparsify(build("shared_layer"), {"shared": 0.5})
    assert list(masks_of(sparse)) == ["wta_shared"]
    assert sum(call.layer.name == "wta_shared" for call in trace(sparse).calls) == 2


def test_masks_reach_into_nested_models_and_are_named_there():
    assert set(masks_of(ts.sparsify(build("nested_functional"), 0.5))) == {"backbone/wta_conv2", "wta_fc", "wta_out"}
    sparse = ts.sparsify(build("nested_sequential"), 0.5)
    assert isinstance(sparse.get_layer("block"), keras.Sequential)


def test_a_taken_name_gets_a_number():
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(4), layers.Activation("relu", name="wta_out"), layers.Dense(2, name="out")]
    )
    assert list(masks_of(ts.sparsify(model, 0.5))) == ["wta_out_1"]


def test_a_mask_before_pooling_gets_the_new_rate():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(8, 3),
            WTADropout(0.5, name="mine"),
            layers.MaxPooling2D(),
            layers.Conv2D(4, 3, name="conv"),
        ]
    )
    sparse = ts.sparsify(model, {"conv": 0.25})
    assert {name: mask.winner_rate for name, mask in masks_of(sparse).items()} == {"mine": 0.25}


def test_score_is_that_of_new_masks_and_otherwise_kept():
    mean = ts.sparsify(build("sequential"), 0.5, score="mean")
    assert {mask.score for mask in masks_of(mean).values()} == {"mean"}
    assert {mask.score for mask in masks_of(ts.sparsify(mean, 0.25)).values()} == {"mean"}
    assert {mask.score for mask in masks_of(ts.sparsify(mean, 0.25, score="max")).values()} == {"max"}


def test_rates_from_energy_fit():
    model = build("shared_model")
    rates = ts.winner_rates(model, samples(model), energy=0.9)
    masks = masks_of(ts.sparsify(model, rates))
    assert {mask.winner_rate for mask in masks.values()} == set(rates.values())


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="other backends compile hundreds of operators")
def test_a_keras_application():
    keras.utils.set_random_seed(0)
    model = keras.applications.MobileNetV2(weights=None, input_shape=(64, 64, 3), classes=10)
    x = np.random.default_rng(0).uniform(-1, 1, (2, 64, 64, 3)).astype("float32")
    rates = ts.winner_rates(model, x, energy=0.9)
    sparse = ts.sparsify(model, dict.fromkeys(rates, 1.0))
    np.testing.assert_allclose(predict(sparse, x)[0], predict(model, x)[0], rtol=1e-4, atol=1e-6)
    chosen = ts.sparsify(model, rates)
    consumers = {
        name: consumer for name, consumer in find_consumers(trace(chosen)).found.items() if consumer.by_default
    }
    assert {name: consumer.edges[0].mask.layer.winner_rate for name, consumer in consumers.items()} == rates
    assert np.isfinite(predict(chosen, x)[0]).all()


def test_depthwise_and_separable_convolutions_read_winners_where_they_are_named():
    model = build("depthwise_and_groups")
    sparse = ts.sparsify(model, {"depthwise": 0.5, "separable": 0.25})
    masks = {layer.name: layer.winner_rate for layer in sparse.layers if isinstance(layer, WTADropout)}
    assert masks == {"wta_depthwise": 0.5, "wta_separable": 0.25}
    again = ts.sparsify(sparse, {"depthwise": 0.5, "separable": 0.25})
    assert [layer.name for layer in again.layers] == [layer.name for layer in sparse.layers]
