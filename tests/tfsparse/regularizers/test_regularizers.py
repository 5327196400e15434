# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from tests.utils.gradients import gradient
from tests.utils.layer_test import JIT
from tfsparse.errors import InvalidArgumentError
from tfsparse.regularizers import HoyerSquare, NearZeroL1, TransformedL1

X = np.random.default_rng(0).normal(size=(3, 4, 5)).astype("float32")
X[1] = 0.0
X[0, 0] = 0.0


def transformed_l1(x, l, beta):  # noqa: E741
    return l * ((1 + beta) * np.abs(x) / (beta + np.abs(x))).sum()


def loss(layer):
    return float(ops.convert_to_numpy(ops.sum(layer.losses)))


def hoyer_square(x, l):  # noqa: E741
    return l * np.abs(x).sum() ** 2 / max((x**2).sum(), 1e-30)


@pytest.mark.parametrize("beta", [0.01, 1.0, 100.0])
def test_transformed_l1_is_the_formula(beta):
    assert float(TransformedL1(l=0.5, beta=beta)(X)) == pytest.approx(transformed_l1(X, 0.5, beta), rel=1e-5)


def test_transformed_l1_nears_l0_and_l1():
    assert float(TransformedL1(l=1.0, beta=1e-6)(X)) == pytest.approx(np.count_nonzero(X), rel=1e-3)
    assert float(TransformedL1(l=1.0, beta=1e6)(X)) == pytest.approx(np.abs(X).sum(), rel=1e-3)


def test_transformed_l1_has_the_documented_gradient():
    expected = 0.5 * 3.0 * 2.0 / (2.0 + np.abs(X)) ** 2 * np.sign(X)
    np.testing.assert_allclose(gradient(TransformedL1(l=0.5, beta=2.0), X), expected, rtol=1e-5)


def test_near_zero_l1_leaves_large_values_alone():
    small = np.abs(X) <= 0.5
    assert float(NearZeroL1(l=0.1, limit=0.5)(X)) == pytest.approx(0.1 * np.abs(X[small]).sum(), rel=1e-5)
    expected = 0.1 * np.sign(X) * small
    np.testing.assert_allclose(gradient(NearZeroL1(l=0.1, limit=0.5), X), expected, rtol=1e-5)


def test_hoyer_square_is_the_formula_of_each_sample():
    expected = sum(hoyer_square(sample, 0.5) for sample in X)
    assert float(HoyerSquare(l=0.5)(X)) == pytest.approx(expected, rel=1e-5)


def test_hoyer_square_of_weights_is_the_formula_of_all():
    assert float(HoyerSquare(l=0.5, per_sample=False)(X)) == pytest.approx(hoyer_square(X, 0.5), rel=1e-5)


def test_hoyer_square_has_the_documented_gradient():
    ones, squares = np.abs(X).sum(), (X**2).sum()
    expected = 2 * 0.5 * ones / squares * (np.sign(X) - X * ones / squares)
    np.testing.assert_allclose(
        gradient(HoyerSquare(l=0.5, per_sample=False), X), np.where(X == 0, 0, expected), rtol=1e-4, atol=1e-6
    )


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_hoyer_square_has_no_scale(scale):
    x = (X[2] * scale).astype("float32")
    assert float(HoyerSquare(l=1.0)(x)) == pytest.approx(float(HoyerSquare(l=1.0)(X[2])), rel=1e-4)


@pytest.mark.parametrize("regularizer", [TransformedL1(), HoyerSquare(), HoyerSquare(per_sample=False)])
def test_zeros_cost_nothing_and_have_no_gradient(regularizer):
    zeros = np.zeros((2, 3), "float32")
    assert float(regularizer(zeros)) == 0.0
    assert (gradient(regularizer, zeros) == 0).all()


@pytest.mark.parametrize("regularizer", [TransformedL1(l=1.0), HoyerSquare(l=1.0)])
def test_half_precision_does_not_overflow(regularizer):
    x = ops.cast(np.full((1, 100_000), 200.0), "float16")
    assert float(regularizer(x)) == pytest.approx(float(regularizer(np.full((1, 100_000), 200.0, "float32"))), rel=1e-3)


@pytest.mark.parametrize("policy", ["float32", "mixed_float16"])
def test_activity_loss_is_the_mean_over_the_samples_of_the_batch(policy):
    layer = keras.layers.Activation("relu", activity_regularizer=TransformedL1(l=0.5), dtype=policy)
    layer(X)
    expected = np.mean([transformed_l1(np.maximum(sample, 0), 0.5, 1.0) for sample in X])
    assert loss(layer) == pytest.approx(expected, rel=1e-2 if policy != "float32" else 1e-5)


def test_kernel_loss_is_the_plain_sum():
    layer = keras.layers.Dense(5, kernel_regularizer=TransformedL1(l=0.5))
    layer.build((None, 4))
    expected = transformed_l1(ops.convert_to_numpy(layer.kernel), 0.5, 1.0)
    assert loss(layer) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("regularizer", [TransformedL1(l=0.02, beta=0.5), HoyerSquare(l=0.02)])
def test_training_with_it_shrinks_activations(regularizer, tmp_path):
    keras.utils.set_random_seed(0)
    layer = keras.layers.Dense(32, activation="relu", activity_regularizer=regularizer)
    model = keras.Sequential([keras.Input((8,)), layer, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=JIT[-1])
    x = np.random.default_rng(0).normal(size=(256, 8)).astype("float32")

    def zeros():
        return np.mean(ops.convert_to_numpy(layer(x)) == 0)

    before = zeros()
    model.fit(x, x[:, :1], epochs=30, verbose=0)
    assert zeros() > before + 0.1
    model.save(tmp_path / "model.keras")
    restored = keras.saving.load_model(tmp_path / "model.keras")
    assert restored.layers[0].activity_regularizer.get_config() == regularizer.get_config()


@pytest.mark.parametrize("regularizer", [TransformedL1(l=0.1, beta=2.0), HoyerSquare(l=0.1, per_sample=False)])
def test_config_round_trip(regularizer):
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(regularizer))
    assert type(restored) is type(regularizer)
    assert restored.get_config() == regularizer.get_config()


@pytest.mark.parametrize("cls", [TransformedL1, HoyerSquare])
@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf"), "much"])
def test_refuses_a_bad_weight(cls, value):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `l`.*finite number above 0"):
        cls(l=value)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
def test_refuses_a_bad_beta(value):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `beta`.*finite number above 0"):
        TransformedL1(beta=value)
