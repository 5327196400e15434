# SPDX-License-Identifier: Apache-2.0
"""What a model with masks keeps of the one it was made of."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse as ts
from tests.utils.masks import masks_of, winners_behind
from tests.utils.networks import build, network_names, predict, samples
from tfsparse.analysis.activations import to_numpy

every_network = pytest.mark.parametrize("name", network_names())


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
