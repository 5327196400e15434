# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

import tfsparse as ts
from tests.utils.gradients import gradient
from tests.utils.layer_test import run_layer_test
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import SampledWTADropout, WTADropout

NORMAL = np.random.default_rng(0).normal(size=(16, 16, 16, 24)).astype("float32")


def apply(layer, x):
    return ops.convert_to_numpy(layer(x))


@settings(max_examples=15)
@given(rate=st.floats(0.01, 1.0), seed=st.integers(0, 99))
def test_is_exact_where_it_looks_at_everything(rate, seed):
    x = np.random.default_rng(seed).normal(size=(3, 40)).astype("float32")
    np.testing.assert_array_equal(apply(SampledWTADropout(rate, samples=40), x), apply(WTADropout(rate), x))


@pytest.mark.parametrize("rate", [0.05, 0.3, 0.8])
@pytest.mark.parametrize("activation", ["leaky_relu", "tanh", "silu", "gelu"])
def test_keeps_about_the_rate(rate, activation):
    x = ops.convert_to_numpy(keras.activations.get(activation)(NORMAL))
    kept = np.mean(apply(SampledWTADropout(rate, samples=512), x) != 0, axis=(1, 2, 3))
    deviation = np.sqrt(rate * (1 - rate) / 512)
    assert np.abs(kept - rate).max() < 4 * deviation
    assert abs(kept.mean() - rate) < 3 * deviation / np.sqrt(len(x))


def test_keeps_the_strongest():
    y = apply(SampledWTADropout(0.3, samples=256), NORMAL)
    for before, after in zip(np.abs(NORMAL), y, strict=True):
        assert before[after == 0].max() < before[after != 0].min()
    np.testing.assert_array_equal(y[y != 0], NORMAL[y != 0])


def test_keeps_all_that_are_not_zero_where_they_are_few():
    x = np.where(np.random.default_rng(1).random(NORMAL.shape) < 0.2, np.abs(NORMAL), 0.0).astype("float32")
    np.testing.assert_array_equal(apply(SampledWTADropout(0.5), x), x)


def test_thresholds_follow_each_sample():
    layer = SampledWTADropout(0.4, samples=128)
    y = apply(layer, NORMAL * np.arange(1, 17, dtype="float32").reshape(16, 1, 1, 1))
    smallest = [np.abs(sample[sample != 0]).min() for sample in y]
    thresholds = ops.convert_to_numpy(layer.thresholds(NORMAL * np.arange(1, 17, dtype="float32").reshape(16, 1, 1, 1)))
    np.testing.assert_allclose(smallest, thresholds, rtol=0.01)
    assert np.all(smallest >= thresholds)


def test_nan_is_not_hidden_and_gradient_passes_what_is_kept():
    layer = SampledWTADropout(0.5)
    assert np.isnan(apply(layer, np.array([[1.0, np.nan, 0.5, 0.1]]))).any()
    x = np.array([[3.0, -4.0, 1.0, 0.5]], "float32")
    assert gradient(lambda x: ops.sum(layer(x) * 3.0), x).tolist() == [[3.0, 3.0, 0.0, 0.0]]


def test_the_rate_changes_later():
    layer = SampledWTADropout(0.5, samples=512)
    apply(layer, NORMAL)
    layer.winner_rate = 1.0
    np.testing.assert_array_equal(apply(layer, NORMAL), NORMAL)
    layer.winner_rate = 0.1
    assert np.mean(apply(layer, NORMAL) != 0) == pytest.approx(0.1, abs=0.01)


def test_layer_in_general(tmp_path):
    run_layer_test(SampledWTADropout, {"winner_rate": 0.3, "samples": 32}, (2, 4, 4, 6), tmp_path, non_trainable=1)


@pytest.mark.parametrize("samples", [1, 0, 2.5, None])
def test_refuses_bad_samples(samples):
    with pytest.raises(InvalidArgumentError, match="Invalid `samples`"):
        SampledWTADropout(0.5, samples=samples)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="models are exported with TensorFlow")
@pytest.mark.parametrize("lowering", ["custom", "builtin"])
def test_converts_and_verifies(tmp_path, lowering):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([
        keras.Input((12, 12, 3)),
        layers.Conv2D(16, 3, padding="same", activation="silu", name="conv1"),
        layers.Conv2D(16, 3, padding="same", activation="tanh", name="conv2"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, name="logits"),
    ])  # fmt: skip
    sparse = ts.sparsify(model, {"conv2": 0.25, "logits": 0.5}, mask="sampled")
    assert [type(layer) for layer in sparse.layers if isinstance(layer, WTADropout)] == [SampledWTADropout] * 2
    ts.convert(sparse, tmp_path / "model.tflite", lowering=lowering)
    x = np.random.default_rng(0).normal(size=(8, 12, 12, 3)).astype("float32")
    assert ts.verify(sparse, tmp_path / "model.tflite", x).passed
