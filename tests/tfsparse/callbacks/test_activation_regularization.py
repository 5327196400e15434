# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops

from tests.utils.layer_test import JIT
from tfsparse.analysis.activations import run
from tfsparse.callbacks import ActivationRegularization, MagnitudePruning, SparsityMonitor
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.regularizers import HoyerSquare, TransformedL1
from tfsparse.schedules import ConstantSparsity

X = np.random.default_rng(0).normal(size=(32, 6, 6, 2)).astype("float32")
Y = X.mean(axis=(1, 2))
L1 = keras.regularizers.L1(0.01)


def normalized():
    """Batch normalization in front of a ReLU, and one ReLU built into a dense layer."""
    return keras.Sequential([
        keras.Input((6, 6, 2)),
        layers.Conv2D(4, 3, name="conv"),
        layers.BatchNormalization(),
        layers.ReLU(name="relu"),
        layers.Flatten(),
        layers.Dense(8, activation="relu", name="fc"),
        layers.Dense(2, name="logits"),
    ])  # fmt: skip


def nested():
    """A nested model, called twice."""
    inner = keras.Sequential(
        [keras.Input((6, 6, 2)), layers.Conv2D(4, 3, activation="relu", name="conv")], name="inner"
    )
    x = keras.Input((6, 6, 2))
    y = layers.Add()([inner(x), inner(-x)])
    return keras.Model(x, layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(y)))


def fit(model, *callbacks, optimizer="sgd", **options):
    model.compile(optimizer, "mse", jit_compile=options.pop("jit_compile", "auto"))
    settings = {"epochs": 2, "batch_size": 16, "shuffle": False, "verbose": 0, **options}
    return model.fit(X, Y, callbacks=list(callbacks), **settings).history


def build(builder, seed=0):
    keras.utils.set_random_seed(seed)
    return builder()


def assert_equal_weights(model, other):
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("regularizer", [TransformedL1(0.01, 0.5), HoyerSquare(1e-3)], ids=["tl1", "hoyer"])
def test_trains_as_activity_regularizers_do(regularizer):
    model, oracle = build(normalized), build(normalized)
    for name in ("relu", "fc"):
        oracle.get_layer(name).activity_regularizer = regularizer
    losses = fit(model, ActivationRegularization(regularizer))["loss"]
    assert losses == pytest.approx(fit(oracle)["loss"], rel=1e-5)
    assert_equal_weights(model, oracle)


def test_every_call_of_a_layer_counts():
    model = build(nested)
    inner = model.get_layer("inner")
    penalty = sum(0.01 * ops.convert_to_numpy(inner(x)).sum() / 32 for x in (X, -X))
    error = np.square(ops.convert_to_numpy(model(X)) - Y).mean()
    history = fit(model, ActivationRegularization(L1), epochs=1, batch_size=32)
    assert history["activation_penalty"] == [pytest.approx(penalty, rel=1e-4)]
    assert history["loss"] == [pytest.approx(float(error) + penalty, rel=1e-4)]


@pytest.mark.parametrize("jit", JIT)
def test_makes_zeros(jit):
    before, after = ActivationRegularization(L1, weight=0.0), ActivationRegularization(L1, weight=10.0)
    model = build(normalized)
    fit(model, before, epochs=1, jit_compile=jit)
    fit(model, after, epochs=6, optimizer=keras.optimizers.Adam(0.03), jit_compile=jit)
    assert after.sparsity()["relu"] > before.sparsity()["relu"] + 0.1


def test_reports_what_the_layers_return():
    model = build(normalized)
    outputs = keras.Model(model.inputs[0], [model.get_layer(name).output for name in ("relu", "fc")])
    maps = [ops.convert_to_numpy(y) for y in outputs(X, training=True)]
    callback = ActivationRegularization(L1, weight={"relu": 2.0, "fc": 3.0})
    history = fit(model, callback, epochs=1, batch_size=32)
    penalty = sum(weight * 0.01 * np.abs(y).sum() / 32 for weight, y in zip((2, 3), maps, strict=True))
    assert history["activation_penalty"] == [pytest.approx(penalty, rel=1e-4)]
    assert callback.sparsity() == pytest.approx({"relu": np.mean(maps[0] == 0), "fc": np.mean(maps[1] == 0)}, abs=1e-6)


def test_evaluation_is_free_of_penalties():
    model = build(normalized)
    history = fit(model, ActivationRegularization(L1), validation_data=(X, Y))
    assert set(history) == {"loss", "val_loss", "activation_penalty"}
    assert model.evaluate(X, Y, verbose=0) == pytest.approx(history["val_loss"][-1], rel=1e-5)
    assert history["activation_penalty"][-1] > 0


def test_leaves_nothing_behind(tmp_path):
    plain, model = build(normalized), build(normalized)
    assert_equal_weights(plain, model)
    config = model.get_layer("fc").get_config(), model.get_layer("relu").get_config()
    saved = keras.callbacks.ModelCheckpoint(tmp_path / "middle.keras")
    fit(model, ActivationRegularization(L1), saved, epochs=1)
    for each in (model, keras.saving.load_model(tmp_path / "middle.keras")):
        assert (each.get_layer("fc").get_config(), each.get_layer("relu").get_config()) == config
        assert [tuple(weight.shape) for weight in each.weights] == [tuple(weight.shape) for weight in plain.weights]
    model.set_weights(plain.get_weights())
    assert set(fit(model)) == {"loss"}
    fit(plain)
    assert_equal_weights(plain, model)


class Interrupt(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        raise KeyboardInterrupt


@pytest.mark.parametrize("again", [False, True])
def test_an_interrupted_fit_does_not_act_in_the_next_one(again):
    model, oracle = build(normalized), build(normalized)
    stale = ActivationRegularization(L1, weight=100.0)
    with pytest.raises(KeyboardInterrupt):
        fit(model, stale, Interrupt())
    model.set_weights(oracle.get_weights())
    for each in (model, oracle):
        fit(each, *[ActivationRegularization(L1)] * again)
    assert_equal_weights(model, oracle)


def test_a_weight_changes_without_a_new_trace():
    traces = []

    def counted(x):
        traces.append(1)
        return 0.01 * ops.sum(ops.abs(x))

    class Halve(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 1:
                callback.set_weights({"fc": 0.5})

    callback = ActivationRegularization(counted, weight=lambda epoch: epoch + 1.0)
    model = build(normalized)
    history = fit(model, callback, Halve(), epochs=2)
    if keras.backend.backend() != "torch":  # which computes step by step
        assert len(traces) == 2  # layers
    assert callback.weights == {"relu": 2.0, "fc": 0.5}
    assert history["activation_penalty"][1] > history["activation_penalty"][0]


def test_weights_take_effect_in_the_middle_of_an_epoch():
    class Switch(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            callback.set_weights(0.0)

    callback = ActivationRegularization(L1, weight=50.0)
    model, oracle = build(normalized), build(normalized)
    fit(model, callback, Switch(), epochs=1)
    oracle.compile("sgd", "mse")
    oracle.fit(X[:16], Y[:16], batch_size=16, verbose=0, callbacks=[ActivationRegularization(L1, weight=50.0)])
    oracle.fit(X[16:], Y[16:], batch_size=16, verbose=0)
    assert_equal_weights(model, oracle)


def test_layers_are_chosen_by_pattern():
    callback = ActivationRegularization(L1, layers=["fc*", "logits"])
    fit(build(normalized), callback)
    assert set(callback.weights) == {"fc", "logits"}


@pytest.mark.parametrize("dtype", ["mixed_float16", "mixed_bfloat16"])
def test_sums_in_full_precision(dtype):
    wide = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(64, 3, padding="same", bias_initializer="ones",
                             activation="relu", name="conv", dtype=dtype), layers.GlobalAveragePooling2D(),
                             layers.Dense(2, dtype=dtype)])  # fmt: skip
    history = fit(wide, ActivationRegularization(lambda x: 100.0 * ops.sum(x), layers="conv"), epochs=1)
    assert history["activation_penalty"][0] > 65504.0  # the largest number of float16


def test_other_callbacks_run_the_model_meanwhile():
    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            run(self.model, X[:2])

    model, oracle = build(normalized), build(normalized)
    pruning = {"fc": ConstantSparsity(0.5, 0)}
    fit(model, ActivationRegularization(L1), SparsityMonitor(X[:8]), MagnitudePruning(pruning), Look())
    fit(oracle, ActivationRegularization(L1), MagnitudePruning(pruning))
    assert_equal_weights(model, oracle)


def test_bare_operations_are_regularized_too():
    x = keras.Input((6, 6, 2))
    y = layers.GlobalAveragePooling2D()(ops.relu(layers.Conv2D(4, 3)(x)))
    callback = ActivationRegularization(L1)
    history = fit(keras.Model(x, layers.Dense(2)(y)), callback, epochs=1)
    assert [path.startswith("relu") for path in callback.weights] == [True]
    assert history["activation_penalty"][0] > 0


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv, self.pool = layers.Conv2D(4, 3, activation="relu", name="conv"), layers.GlobalAveragePooling2D()
        self.fc = layers.Dense(2)

    def call(self, x):
        return self.fc(self.pool(self.conv(x)))


def test_a_subclassed_model_has_to_be_wrapped():
    model = Subclassed()
    model(X[:1])
    with pytest.raises(UnsupportedModelError, match=r"takes no more state.*keras.Model\(x, model\(x\)\)"):
        fit(model, ActivationRegularization(L1))
    x = keras.Input((6, 6, 2))
    callback = ActivationRegularization(L1)
    fit(keras.Model(x, model(x)), callback)
    assert [path.rpartition("/")[2] for path in callback.weights] == ["conv"]


def test_refuses_what_it_cannot_do():
    with pytest.raises(InvalidArgumentError, match="Two callbacks"):
        fit(build(normalized), ActivationRegularization(L1), ActivationRegularization(L1))
    with pytest.raises(InvalidArgumentError, match="No layer is named 'fx'"):
        fit(build(normalized), ActivationRegularization(L1, layers=["fx"]))
    with pytest.raises(InvalidArgumentError, match="No activations of layer 'fx'"):
        fit(build(normalized), ActivationRegularization(L1, weight={"fx": 1.0}))
    with pytest.raises(InvalidArgumentError, match="has no ReLU"):
        fit(keras.Sequential([keras.Input((6, 6, 2)), layers.GlobalMaxPooling2D()]), ActivationRegularization(L1))
    with pytest.raises(InvalidArgumentError, match="is no regularizer"):
        ActivationRegularization("l1")


@pytest.mark.parametrize("weight", [-1.0, float("nan"), {"fc": "much"}, None])
def test_refuses_a_bad_weight(weight):
    with pytest.raises(InvalidArgumentError, match="Invalid `weight`"):
        ActivationRegularization(L1, weight=weight)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="steps of one's own differ there")
def test_refuses_a_training_step_without_compute_loss():
    class Own(keras.Model):
        def train_step(self, *args):
            loss = {"loss": ops.zeros(())}
            return (loss, args[0]) if keras.backend.backend() == "jax" else loss

    x = keras.Input((6, 6, 2))
    model = Own(x, layers.Dense(2)(layers.GlobalAveragePooling2D()(layers.ReLU()(x))))
    with pytest.raises(UnsupportedModelError, match="does not call compute_loss"):
        fit(model, ActivationRegularization(L1))
