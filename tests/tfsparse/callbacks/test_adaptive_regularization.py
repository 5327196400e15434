# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tfsparse.callbacks import AdaptiveActivationRegularization
from tfsparse.errors import InvalidArgumentError

X = np.random.default_rng(0).normal(size=(32, 8)).astype("float32")
Y = X[:, :2]
L1 = keras.regularizers.L1(0.001)


def build():
    keras.utils.set_random_seed(0)
    fc = [layers.Dense(16, activation="relu", bias_initializer=bias, name=name) for bias, name in
          (("ones", "dense"), ("zeros", "sparse"))]  # fmt: skip
    return keras.Sequential([keras.Input((8,)), *fc, layers.Dense(2, name="out")])


def fit(model, callback, epochs=3, **options):
    model.compile("sgd", "mse")
    return model.fit(X, Y, epochs=epochs, shuffle=False, verbose=0, callbacks=[callback], **options).history


def test_weights_grow_with_density_while_it_is_good_enough():
    callback = AdaptiveActivationRegularization(L1, target=100.0, monitor="loss", growth=2.0)
    history = fit(build(), callback, epochs=2)
    assert callback.sparsity()["dense"] < callback.sparsity()["sparse"]
    assert history["activation_weight/dense"] == pytest.approx([1.0, 2.0])
    assert 1.0 < history["activation_weight/sparse"][1] < 2.0
    densities = [1 - zeros for zeros in callback.sparsity().values()]
    growths = [callback.state()[path] / callback.weights[path] for path in ("dense", "sparse")]
    assert growths == pytest.approx([2.0, 2.0 ** (densities[1] / densities[0])])


def test_weights_shrink_when_it_is_not():
    history = fit(build(), AdaptiveActivationRegularization(L1, target=-1.0, monitor="loss", shrink=0.25))
    assert history["activation_weight/dense"] == history["activation_weight/sparse"] == [1.0, 0.25, 0.0625]


def test_accuracies_are_good_above_the_target():
    high = AdaptiveActivationRegularization(L1, target=-1.0, monitor="val_loss", mode="max", shrink=0.25)
    assert fit(build(), high, validation_data=(X, Y))["activation_weight/dense"][-1] > 1.0


def test_goes_on_where_it_stopped():
    arguments = {"target": 100.0, "monitor": "loss"}
    straight = AdaptiveActivationRegularization(L1, **arguments)
    expected = fit(build(), straight, epochs=4)["activation_weight/sparse"]
    model, first, second = build(), *(AdaptiveActivationRegularization(L1, **arguments) for _ in range(2))
    received = fit(model, first, epochs=2)["activation_weight/sparse"]
    second.restore(first.state())
    received += fit(model, second, epochs=4, initial_epoch=2)["activation_weight/sparse"]
    assert received == pytest.approx(expected)


def test_refuses_logs_without_the_monitored_quantity():
    with pytest.raises(InvalidArgumentError, match=r"The logs lack 'val_accuracy'.*loss"):
        fit(build(), AdaptiveActivationRegularization(L1, target=0.9))


@pytest.mark.parametrize(
    "options", [{"growth": 1.0}, {"shrink": 1.0}, {"mode": "up"}, {"target": float("nan")}, {"weight": -1.0}]
)
def test_refuses_bad_options(options):
    with pytest.raises(InvalidArgumentError, match=next(iter(options))):
        AdaptiveActivationRegularization(L1, **{"target": 0.9, **options})
