# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers, ops

from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.pruning import regularized_weights

X = np.random.default_rng(0).normal(size=(32, 6, 6, 2)).astype("float32")
Y = X.mean(axis=(1, 2))
L1 = keras.regularizers.L1(0.05)


def build(regularizer=None):
    keras.utils.set_random_seed(0)
    inner = keras.Sequential([keras.Input((6, 6, 2)), layers.Conv2D(4, 3, kernel_regularizer=regularizer, name="conv")],
                             name="inner")  # fmt: skip
    x = keras.Input((6, 6, 2))
    y = layers.GlobalAveragePooling2D()(layers.BatchNormalization()(inner(x)))
    model = keras.Model(x, layers.Dense(2, kernel_regularizer=regularizer, name="logits")(y))
    model.compile("sgd", "mse")
    return model


def fit(model):
    return model.fit(X, Y, epochs=2, batch_size=16, shuffle=False, verbose=0).history["loss"]


def assert_equal_weights(model, other):
    for one, two in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-5, atol=1e-7)


def test_trains_as_kernel_regularizers_do_and_then_as_none():
    model, oracle = build(), build(L1)
    fit(model)
    model.set_weights(oracle.get_weights())
    with regularized_weights(model, L1) as kernels:
        assert set(kernels) == {"inner/conv", "logits"}
        assert fit(model) == pytest.approx(fit(oracle), rel=1e-5)
    assert_equal_weights(model, oracle)
    plain = build()
    plain.set_weights(model.get_weights())
    assert fit(model) == pytest.approx(fit(plain), rel=1e-5)


def test_takes_it_off_after_an_error_and_saves_none(tmp_path):
    own = keras.regularizers.L2(0.1)
    model = build(own)

    def interrupted():
        with regularized_weights(model, L1, ["log*"]):
            model.save(tmp_path / "model.keras")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    kernel = model.get_layer("logits").kernel
    assert kernel.regularizer is model.get_layer("logits").kernel_regularizer
    assert isinstance(keras.saving.load_model(tmp_path / "model.keras").get_layer("logits").kernel_regularizer,
                      keras.regularizers.L2)  # fmt: skip


def test_chooses_layers():
    model = build()
    with regularized_weights(model, lambda w: ops.sum(w) * 0 + 1.0, exclude=["logits"]):
        assert len(model.losses) == 1
    refused = [
        (UnsupportedModelError, "batch_normalization", {"layers": ["batch*"]}),
        (InvalidArgumentError, "No kernel is left", {"exclude": ["*o*"]}),
        (InvalidArgumentError, "no regularizer", {"regularizer": "l1"}),
    ]
    for error, match, options in refused:
        with pytest.raises(error, match=match), regularized_weights(model, **{"regularizer": L1, **options}):
            pass
