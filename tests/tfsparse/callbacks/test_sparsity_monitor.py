# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv

import keras
import numpy as np
import pytest
from keras import layers, ops

from tfsparse.callbacks import MagnitudePruning, SparsityMonitor
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import FATReLU, WTADropout
from tfsparse.schedules import ConstantSparsity

X = np.random.default_rng(0).normal(size=(40, 6, 6, 2)).astype("float32")
Y = np.zeros((40, 2))


def build():
    inner = keras.Sequential(
        [keras.Input((6, 6, 2)), layers.Conv2D(8, 3, activation="relu", name="conv"), WTADropout(0.25, name="wta")],
        name="inner",
    )
    inputs = keras.Input((6, 6, 2))
    x = layers.Flatten(name="flatten")(inner(inputs))
    x = FATReLU(0.1, name="fat")(layers.Dense(16, name="fc")(x))
    return keras.Model(inputs, layers.Dense(2, name="logits")(x))


def fit(model, *callbacks, epochs=2):
    keras.utils.set_random_seed(0)
    model.compile("sgd", "mse")
    return model.fit(X, Y, epochs=epochs, verbose=0, callbacks=list(callbacks)).history


def test_logs_what_the_model_does_on_the_samples():
    model = build()
    history = fit(model, SparsityMonitor(X[:30], batch_size=7))
    activations = {key: values[-1] for key, values in history.items() if key.startswith("activation_sparsity/")}
    inner = model.get_layer("inner")
    outputs = {
        "inner/conv": inner.layers[0].output,
        "inner/wta": inner.layers[1].output,
    }
    seen = dict(zip(outputs, keras.Model(inner.inputs, list(outputs.values())).predict(X[:30], verbose=0), strict=True))
    seen["fat"] = keras.Model(model.inputs, model.get_layer("fat").output).predict(X[:30], verbose=0)
    assert activations == pytest.approx({f"activation_sparsity/{name}": np.mean(y == 0) for name, y in seen.items()})


def test_logs_weights():
    history = fit(build(), MagnitudePruning({"fc": ConstantSparsity(0.75, 0)}), SparsityMonitor(X[:8]))
    weights = {key: values for key, values in history.items() if key.startswith("weight_sparsity/")}
    assert weights == {
        "weight_sparsity/inner/conv": [0.0, 0.0],
        "weight_sparsity/fc": [0.75, 0.75],
        "weight_sparsity/logits": [0.0, 0.0],
    }


def test_csv_logger_sees_it(tmp_path):
    fit(build(), SparsityMonitor(X[:8]), keras.callbacks.CSVLogger(tmp_path / "log.csv"), epochs=1)
    with open(tmp_path / "log.csv") as file:
        (row,) = csv.DictReader(file)
    assert float(row["activation_sparsity/inner/wta"]) >= 0.75


def test_layers_can_be_chosen():
    history = fit(build(), SparsityMonitor(X[:8], layers=["fc", "inner/*"]), epochs=1)
    watched = {key for key in history if key.startswith("activation_sparsity/")}
    assert watched == {f"activation_sparsity/{name}" for name in ("fc", "inner/conv", "inner/wta")}


def test_training_is_the_same_with_it():
    plain, watched = build(), build()
    watched.set_weights(plain.get_weights())
    fit(plain)
    fit(watched, SparsityMonitor(X[:8]))
    for one, other in zip(plain.get_weights(), watched.get_weights(), strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-5, atol=1e-7)


def test_subclassed_model_and_shared_layer():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.flatten = layers.Flatten()
            self.fc = layers.Dense(72, name="fc")
            self.relu = layers.ReLU(name="relu")
            self.head = layers.Dense(2, name="head")

        def call(self, x):
            x = self.relu(self.fc(self.flatten(x)))
            return self.head(self.relu(self.fc(x)))

    model = Net()
    share = fit(model, SparsityMonitor(X[:16]), epochs=1)["activation_sparsity/relu"][0]
    first = ops.relu(model.fc(X[:16].reshape(16, -1)))
    second = ops.relu(model.fc(first))
    counted = np.concatenate([ops.convert_to_numpy(first), ops.convert_to_numpy(second)])
    assert share == pytest.approx(np.mean(counted == 0))


def test_refuses_a_bad_batch_size():
    with pytest.raises(InvalidArgumentError, match=r"Invalid `batch_size`.*0"):
        SparsityMonitor(X, batch_size=0)


def test_refuses_samples_that_do_not_fit():
    with pytest.raises(InvalidArgumentError, match="does not have the shape of the model's input"):
        fit(build(), SparsityMonitor(X[:, :3]))


def test_refuses_to_watch_no_samples():
    with pytest.raises(InvalidArgumentError, match="`x` holds no samples"):
        fit(build(), SparsityMonitor(X[:0]))


def test_refuses_a_name_that_no_layer_has():
    with pytest.raises(InvalidArgumentError, match=r"No layer is named 'fc9'"):
        fit(build(), SparsityMonitor(X[:8], layers=["fc9"]))
