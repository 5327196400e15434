# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.utils.layer_test import JIT
from tests.utils.tfmot import sparsity_module
from tfsparse.callbacks import MagnitudePruning
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.schedules import ConstantSparsity, PolynomialDecay

X = np.random.default_rng(0).normal(size=(64, 6, 6, 2)).astype("float32")
Y = X.mean(axis=(1, 2))
NOW = ConstantSparsity(0.75, begin_step=0)


def sequential():
    return keras.Sequential([
        keras.Input((6, 6, 2)),
        layers.Conv2D(8, 3, activation="relu", name="conv"),
        layers.BatchNormalization(name="norm"),
        layers.Flatten(),
        layers.Dense(8, activation="relu", name="fc"),
        layers.Dense(2, name="logits"),
    ])  # fmt: skip


def nested():
    inner = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(8, 3, name="conv")], name="inner")
    inputs = keras.Input((6, 6, 2))
    x = layers.GlobalAveragePooling2D()(inner(inputs))
    return keras.Model(inputs, layers.Dense(2, name="logits")(x))


class Subclassed(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv = layers.Conv2D(8, 3, activation="relu")
        self.pool = layers.GlobalAveragePooling2D()
        self.fc = layers.Dense(2)

    def call(self, x):
        return self.fc(self.pool(self.conv(x)))


class Watch(keras.callbacks.Callback):
    """Notes the sparsity of the kernel of one layer before each batch and after the last."""

    def __init__(self, layer="fc"):
        super().__init__()
        self.layer, self.seen = layer, []

    def note(self):
        kernel = self.model.get_layer(self.layer).kernel
        self.seen.append(float(np.mean(ops.convert_to_numpy(kernel) == 0)))

    def on_train_batch_begin(self, batch, logs=None):
        self.note()

    def on_train_end(self, logs=None):
        self.note()


def fit(model, callback, *, watch=None, epochs=1, batch_size=16, **options):
    keras.utils.set_random_seed(1)
    if not model.compiled:
        model.compile(keras.optimizers.Adam(0.01), "mse")
    callbacks = [callback, watch] if watch else [callback]
    model.fit(X, Y, epochs=epochs, batch_size=batch_size, verbose=0, callbacks=callbacks, **options)
    return model


def zeros(kernel):
    return float(np.mean(ops.convert_to_numpy(kernel) == 0))


@pytest.mark.parametrize("jit", JIT)
def test_zeros_hold_before_every_step_and_at_the_end(jit):
    watch = Watch()
    model = sequential()
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9, weight_decay=1e-3), "mse", jit_compile=jit)
    fit(model, MagnitudePruning(NOW), watch=watch, epochs=2)
    assert watch.seen == [0.75] * 9


def test_sparsity_follows_the_schedule():
    watch = Watch()
    schedule = PolynomialDecay(0.0, 0.75, begin_step=1, end_step=4, power=1)
    fit(sequential(), MagnitudePruning(schedule), watch=watch, epochs=2)
    assert watch.seen == [0.0, 0.0, 0.25, 0.5, 0.75, 0.75, 0.75, 0.75, 0.75]


def test_training_learns_with_the_zeros():
    model = sequential()
    fit(model, MagnitudePruning(ConstantSparsity(0.5, 0)))
    before = model.evaluate(X, Y, verbose=0)
    fit(model, MagnitudePruning(ConstantSparsity(0.5, 0)), epochs=10)
    assert model.evaluate(X, Y, verbose=0) < 0.7 * before


@pytest.mark.parametrize("build", [sequential, nested, Subclassed])
def test_every_kind_of_model_is_pruned_in_place(build, tmp_path):
    model = build()
    if build is Subclassed:
        model(X[:1])
    names = [weight.path for weight in model.weights]
    callback = MagnitudePruning(NOW)
    fit(model, callback)
    assert [weight.path for weight in model.weights] == names
    assert set(callback.pruner.sparsity().values()) == {0.75}
    model.save(tmp_path / "model.keras")
    restored = keras.saving.load_model(tmp_path / "model.keras", custom_objects={"Subclassed": Subclassed})
    for weight, again in zip(model.weights, restored.weights, strict=True):
        np.testing.assert_array_equal(ops.convert_to_numpy(again), ops.convert_to_numpy(weight))


def test_gradient_accumulation_counts_updates():
    watch = Watch()
    model = sequential()
    model.compile(keras.optimizers.Adam(0.01, gradient_accumulation_steps=2), "mse")
    fit(model, MagnitudePruning(PolynomialDecay(0.0, 0.5, begin_step=1, end_step=3, power=1)), watch=watch, epochs=2)
    assert watch.seen == [0.0, 0.0, 0.0, 0.0, 0.25, 0.25, 0.5, 0.5, 0.5]


def test_averaged_weights_are_pruned_too():
    model = sequential()
    model.compile(keras.optimizers.Adam(0.01, use_ema=True), "mse")
    fit(model, MagnitudePruning(ConstantSparsity(0.75, begin_step=3)), epochs=2)
    assert zeros(model.get_layer("fc").kernel) == 0.75


def test_saved_training_goes_on_in_mid_schedule(tmp_path):
    def schedule():
        return PolynomialDecay(0.0, 0.75, begin_step=0, end_step=12, power=1, frequency=3)

    watch = Watch()
    fit(sequential(), MagnitudePruning(schedule()), watch=watch, epochs=4)
    straight = watch.seen

    first, second = Watch(), Watch()
    model = fit(sequential(), MagnitudePruning(schedule()), watch=first, epochs=2)
    model.save(tmp_path / "model.keras")
    restored = keras.saving.load_model(tmp_path / "model.keras")
    fit(restored, MagnitudePruning(schedule()), watch=second, epochs=4, initial_epoch=2)
    assert first.seen + second.seen[1:] == straight
    assert straight[-1] == 0.75


def test_resumed_training_keeps_what_was_pruned(tmp_path):
    model = fit(sequential(), MagnitudePruning(NOW))
    pruned = ops.convert_to_numpy(model.get_layer("fc").kernel) == 0
    model.save(tmp_path / "model.keras")
    restored = keras.saving.load_model(tmp_path / "model.keras")
    fit(restored, MagnitudePruning(PolynomialDecay(0.0, 0.2, begin_step=0, end_step=100)), epochs=2, initial_epoch=1)
    np.testing.assert_array_equal(ops.convert_to_numpy(restored.get_layer("fc").kernel) == 0, pruned)


@pytest.mark.parametrize("first", [True, False])
def test_backup_and_restore_goes_on_in_mid_schedule(tmp_path, first):
    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise KeyboardInterrupt

    def callbacks(*more):
        pruning = MagnitudePruning(PolynomialDecay(0.0, 0.75, begin_step=0, end_step=12, power=1, frequency=3))
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        return [pruning, backup, *more] if first else [backup, pruning, *more]

    model = sequential()
    model.compile("adam", "mse")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=4, batch_size=16, verbose=0, callbacks=callbacks(Interrupt()))
    watch = Watch()
    again = sequential()
    again.compile("adam", "mse")
    again.fit(X, Y, epochs=4, batch_size=16, verbose=0, callbacks=callbacks(watch))
    assert watch.seen == [0.375, *[0.5625] * 3, *[0.75] * 5]


def test_schedules_of_tfmot_work():
    schedule = sparsity_module().PolynomialDecay(0.0, 0.75, begin_step=0, end_step=4, frequency=1, power=1)
    callback = MagnitudePruning(schedule)
    fit(sequential(), callback)
    assert callback.pruner.sparsity()["fc"] == 0.75


def test_options_reach_the_pruner():
    callback = MagnitudePruning(
        {"fc": NOW, "*": ConstantSparsity(0.5, 0)}, exclude=["logits"], scope="global", block_size=(2, 2),
        block_pooling="max",
    )  # fmt: skip
    model = fit(sequential(), callback)
    assert set(callback.pruner.sparsity()) == {"conv", "fc"}
    blocks = callback.pruner.masks()["fc"].reshape(64, 2, 4, 2).sum((1, 3))
    assert set(blocks.ravel()) == {0, 4}
    assert np.count_nonzero(blocks) == 64
    assert zeros(model.get_layer("logits").kernel) == 0.0


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="Keras itself refuses them on PyTorch")
def test_refuses_several_steps_per_execution():
    model = sequential()
    model.compile("sgd", "mse", steps_per_execution=4)
    with pytest.raises(UnsupportedModelError, match=r"steps_per_execution=1.*Received: 4"):
        fit(model, MagnitudePruning(NOW))


def test_refuses_a_layer_that_cannot_be_pruned():
    with pytest.raises(UnsupportedModelError, match=r"Cannot prune layer 'norm' \(BatchNormalization\)"):
        fit(sequential(), MagnitudePruning({"norm": NOW}))


@pytest.mark.parametrize("options", [{"scope": "all"}, {"block_size": (0, 1)}, {"block_pooling": "sum"}])
def test_refuses_bad_options_at_once(options):
    with pytest.raises(InvalidArgumentError, match=next(iter(options))):
        MagnitudePruning(NOW, **options)
