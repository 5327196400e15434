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
from tests.utils.networks import NETWORKS, build, network_names, predict, samples
from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.consumers import find_consumers
from tfsparse.analysis.graph import trace
from tfsparse.analysis.models import named_layers
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.layers import WTADropout
from tfsparse.winners import winner_count

every_network = pytest.mark.parametrize("name", network_names())


def masks_of(model: keras.Model) -> dict[str, WTADropout]:
    return {name: layer for name, layer in named_layers(model).items() if isinstance(layer, WTADropout)}


def winners_behind(mask: WTADropout, model: keras.Model, x) -> tuple[np.ndarray, np.ndarray]:
    """The number of non-zero units of every sample before and behind a mask."""
    counts: list[tuple[np.ndarray, np.ndarray]] = []

    def count(tensor) -> np.ndarray:
        array = to_numpy(tensor)
        if mask.unit == "channel":
            return np.any(array != 0, axis=tuple(range(1, array.ndim - 1))).sum(axis=-1)
        return np.count_nonzero(array.reshape(len(array), -1), axis=-1)

    with observing([mask], lambda layer, index, inputs, outputs: counts.append((count(inputs), count(outputs)))):
        run(model, x)
    before, behind = zip(*counts, strict=True)
    return np.concatenate(before), np.concatenate(behind)


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
def test_leaves_the_original_as_it_is(name):
    model = build(name)
    x = samples(model)
    config, weights, outputs = model.get_config(), model.get_weights(), predict(model, x)
    ts.sparsify(model, 0.3)
    assert model.get_config() == config
    for before, after in zip([*weights, *outputs], [*model.get_weights(), *predict(model, x)], strict=True):
        np.testing.assert_array_equal(after, before)


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


@every_network
def test_saves_and_loads(name, tmp_path):
    model = build(name)
    sparse = ts.sparsify(model, 0.4)
    sparse.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    x = samples(model)
    assert {mask.winner_rate for mask in masks_of(loaded).values()} == {0.4}
    for expected, received in zip(predict(sparse, x), predict(loaded, x), strict=True):
        np.testing.assert_array_equal(received, expected)


@pytest.mark.parametrize("name", ["sequential", "nested_functional", "shared_model"])
def test_fit_trains_every_weight_and_keeps_the_masks(name):
    model = build(name)
    sparse = ts.sparsify(model, 0.6)
    x = samples(model, count=8)
    targets = [np.ones_like(y) for y in predict(sparse, x)]
    before = [to_numpy(variable) for variable in sparse.trainable_variables]
    sparse.compile("sgd", "mse")
    sparse.fit(x, targets[0], epochs=1, verbose=0)
    after = [to_numpy(variable) for variable in sparse.trainable_variables]
    assert len(before) == len(model.trainable_variables)
    assert all(np.any(old != new) for old, new in zip(before, after, strict=True))
    for mask in masks_of(sparse).values():
        count, kept = winners_behind(mask, sparse, x)
        np.testing.assert_array_equal(kept, np.minimum(count, mask.winners))


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


def test_a_compiled_model_gives_a_compiled_copy_with_a_fresh_optimizer():
    model = build("sequential")
    model.compile(keras.optimizers.Adam(0.125), "mse", metrics=["mae"])
    x = samples(model)
    model.fit(x, predict(model, x)[0], verbose=0)
    sparse = ts.sparsify(model, 0.5)
    assert float(sparse.optimizer.learning_rate) == 0.125
    assert int(sparse.optimizer.iterations) == 0
    assert set(sparse.evaluate(x, predict(model, x)[0], verbose=0, return_dict=True)) == {"loss", "mae"}


def test_a_loss_without_configuration_leaves_the_copy_uncompiled():
    def difference(y, z):
        return keras.ops.mean(y - z)

    model = build("sequential")
    model.compile("adam", difference)
    with pytest.warns(UserWarning, match=r"is not compiled.*Call compile\(\)"):
        assert not ts.sparsify(model, 0.5).compiled


def test_frozen_layers_stay_frozen():
    model = build("nested_functional")
    model.get_layer("backbone").trainable = False
    model.get_layer("fc").trainable = False
    sparse = ts.sparsify(model, 0.5)
    assert len(sparse.trainable_variables) == len(model.trainable_variables) == 2


def test_adapted_normalization_and_lambdas_are_copied():
    keras.utils.set_random_seed(1)
    normalization = layers.Normalization()
    normalization.adapt(np.random.default_rng(0).normal(3.0, 2.0, (50, 4)).astype("float32"))
    x = keras.Input((4,))
    y = layers.Dense(4)(layers.Lambda(lambda t: t * 2.0, output_shape=(4,))(normalization(x)))
    model = keras.Model(x, layers.Dense(2, name="out")(y))
    data = samples(model)
    np.testing.assert_allclose(predict(ts.sparsify(model, 1.0), data)[0], predict(model, data)[0], rtol=1e-6)


def test_masks_have_the_type_that_the_consumer_computes_in():
    x = keras.Input((4,))
    y = layers.Dense(4, dtype="mixed_float16")(x)
    model = keras.Model(x, layers.Dense(2, dtype="mixed_float16", name="out")(y))
    mask = masks_of(ts.sparsify(model, 0.5))["wta_out"]
    assert mask.compute_dtype == "float16"


def test_input_names_and_structures_are_kept():
    model = build("shared_model")
    sparse = ts.sparsify(model, 0.5)
    assert [layer.name for layer in sparse.layers if isinstance(layer, layers.InputLayer)] == ["left", "right"]
    assert set(sparse.input) == {"left", "right"}
    assert set(ts.sparsify(build("several_outputs"), 0.5).output) == {"first", "one", "two"}


class Custom(keras.Model):
    """A model with a training step of its own."""

    def train_step(self, *args):
        return super().train_step(*args)


def test_a_subclass_of_functional_keeps_its_class():
    x = keras.Input((4,))
    model = Custom(x, layers.Dense(2, name="out")(layers.Dense(4)(x)))
    assert type(ts.sparsify(model, 0.5)) is Custom


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)

    def call(self, x):
        return self.dense(x)


class Stubborn(layers.Layer):
    """A layer whose arguments get lost in its configuration."""

    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def call(self, x):
        return x * self.factor

    def get_config(self):
        return layers.Layer.get_config(self)


@pytest.mark.parametrize("rate", [0.0, 1.5, -0.1, float("nan"), None, "half"])
def test_refuses_rates_outside_their_range(rate):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `rates`.*number in \(0, 1\]"):
        ts.sparsify(build("sequential"), rate)
    with pytest.raises(InvalidArgumentError, match=r"Invalid `rates\['fc1'\]`"):
        ts.sparsify(build("sequential"), {"fc1": rate})


@pytest.mark.parametrize(
    ("network", "layer", "reason"),
    [
        ("sequential", "conv9", "the model has no such layer.*'conv2', 'fc1', 'fc2'.*named 'model/layer'"),
        ("sequential", "conv1", "reads the model's input"),
        ("preprocessing", "conv1", "reads the model's input"),
        ("nested_functional", "backbone/conv1", "reads the model's input"),
        ("depthwise_and_groups", "multiplied", "it is a DepthwiseConv2D of depth multiplier 2, not 1"),
        (
            "depthwise_and_groups",
            "transposed",
            "it is a Conv2DTranspose: only Conv1D, Conv2D, Conv3D, Dense, depthwise",
        ),
        ("depthwise_and_groups", "grouped", "convolution of 2 groups"),
    ],
)
def test_refuses_layers_that_cannot_read_winners(network, layer, reason):
    with pytest.raises(InvalidArgumentError, match=f"`rates` names layer '{layer}'.*{reason}"):
        ts.sparsify(build(network), {layer: 0.5})


def test_refuses_no_rates():
    with pytest.raises(InvalidArgumentError, match="`rates` is empty"):
        ts.sparsify(build("sequential"), {})


def test_refuses_an_unknown_score():
    with pytest.raises(InvalidArgumentError, match=r"Unknown `score`.*'max', 'mean' or None.*median"):
        ts.sparsify(build("sequential"), 0.5, score="median")


def test_refuses_a_model_without_consumers():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    with pytest.raises(UnsupportedModelError, match="has no layer that could read winners"):
        ts.sparsify(model, 0.5)


def test_refuses_a_subclassed_model():
    model = Subclassed()
    model(np.ones((1, 3)))
    with pytest.raises(UnsupportedModelError, match=r"is subclassed.*put tfsparse.layers.WTADropout into its call\(\)"):
        ts.sparsify(model, 0.5)


def test_refuses_a_sequential_model_without_shapes():
    with pytest.raises(UnsupportedModelError, match=r"no shapes yet.*keras.Input"):
        ts.sparsify(keras.Sequential([layers.Dense(2), layers.Dense(2)]), 0.5)


def test_refuses_what_is_no_model():
    with pytest.raises(InvalidArgumentError, match=r"no model.*keras.Model.*Received: str"):
        ts.sparsify("model.keras", 0.5)


def test_refuses_a_layer_that_cannot_be_copied():
    x = keras.Input((4,))
    model = keras.Model(x, layers.Dense(2)(Stubborn(2.0, name="stubborn")(layers.Dense(4)(x))))
    with pytest.raises(UnsupportedModelError, match=r"Layer 'stubborn' \(Stubborn\) cannot be copied"):
        ts.sparsify(model, 0.5)


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="other backends compile hundreds of operators")
@pytest.mark.parametrize("architecture", ["MobileNetV2", "ResNet50"])
def test_keras_applications(architecture):
    keras.utils.set_random_seed(0)
    model = getattr(keras.applications, architecture)(weights=None, input_shape=(64, 64, 3), classes=10)
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
