# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from keras import ops

from tests.utils.gradients import gradient
from tests.utils.layer_test import JIT, run_layer_test
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import WTADropout
from tfsparse.winners import winner_count


def oracle(x: np.ndarray, rate: float, score: str, unit: str) -> np.ndarray:
    """Winners-take-all by the definition, one sample at a time."""
    y = np.zeros_like(x)
    for sample, out in zip(x, y, strict=True):
        magnitude = np.abs(sample)
        if unit == "neuron":
            scores, kept, source = magnitude.ravel(), out.reshape(-1), sample.reshape(-1)
        else:
            axes = tuple(range(magnitude.ndim - 1))
            scores = magnitude.max(axes) if score == "max" else magnitude.astype("float64").mean(axes)
            kept, source = np.moveaxis(out, -1, 0), np.moveaxis(sample, -1, 0)
        for index in np.argsort(-scores, kind="stable")[: winner_count(rate, scores.size)]:
            kept[index] = source[index]
    return y


def call(layer: keras.Layer, x: np.ndarray) -> np.ndarray:
    return ops.convert_to_numpy(layer(ops.convert_to_tensor(x)))


# Quarters: sums and means of a few of them are exact, so the oracle's ties are ties.
QUARTERS = st.integers(-8, 8).map(lambda n: n / 4)


@settings(max_examples=25)
@given(st.data())
def test_output_is_that_of_the_definition(data):
    shape = data.draw(st.sampled_from([(2, 7), (1, 3, 5), (2, 2, 2, 6), (1, 4, 4, 3), (1, 2, 2, 1, 5)]))
    unit = data.draw(st.sampled_from(["channel", "neuron"]))
    score = data.draw(st.sampled_from(["max", "mean"]))
    rate = data.draw(st.floats(0.01, 1.0))
    x = data.draw(npst.arrays("float32", shape, elements=QUARTERS))
    y = call(WTADropout(rate, score=score, unit=unit), x)
    np.testing.assert_array_equal(y, oracle(x, rate, score, unit))


@pytest.mark.parametrize(("rank", "unit"), [(2, "neuron"), (4, "channel"), (5, "channel")])
def test_unit_follows_the_rank(rank, unit):
    x = np.random.default_rng(0).normal(size=(2, *[3] * (rank - 2), 10)).astype("float32")
    np.testing.assert_array_equal(call(WTADropout(0.4), x), oracle(x, 0.4, "max", unit))


def test_ties_go_to_the_lower_index():
    assert call(WTADropout(0.5), np.full((1, 6), -2.0, "float32")).tolist() == [[-2.0, -2.0, -2.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize(("rate", "total", "winners"), [(0.145, 100, 14), (0.45, 10, 5), (0.001, 10, 1), (1.0, 7, 7)])
def test_number_of_winners_is_that_of_winner_count(rate, total, winners):
    layer = WTADropout(rate)
    y = call(layer, np.arange(1.0, total + 1, dtype="float32")[None])
    assert np.count_nonzero(y) == layer.winners == winners == winner_count(rate, total)


def test_rate_of_one_changes_nothing():
    x = np.array([[1.0, np.nan, -np.inf, 0.0]], "float32")
    np.testing.assert_array_equal(call(WTADropout(1.0), x), x)


def test_losers_are_zero_whatever_they_were():
    x = np.array([[np.nan, np.nan, np.inf, -np.inf, 1.0]], "float32")
    np.testing.assert_array_equal(call(WTADropout(0.2), x), [[np.nan, 0.0, 0.0, 0.0, 0.0]])


def test_nan_anywhere_in_a_channel_makes_it_win():
    for score in ("max", "mean"):
        x = np.ones((1, 4, 4, 6), "float32") * np.arange(1, 7, dtype="float32")
        x[0, 2, 3, 1] = np.nan
        y = call(WTADropout(1 / 6, score=score), x)
        assert np.isnan(y[0, 2, 3, 1]), score
        assert np.count_nonzero(y.any((0, 1, 2))) == 1, score


def test_mean_is_not_taken_in_half_precision():
    x = np.zeros((1, 64, 64, 2), "float16")
    x[..., 0], x[..., 1] = 30.0, 31.0  # their sums lie beyond float16
    y = call(WTADropout(0.5, score="mean", dtype="float16"), x)
    assert y[0, 0, 0].tolist() == [0.0, 31.0]


def test_gradient_passes_through_winners_alone():
    x = np.array([[3.0, -4.0, 1.0, 0.0, 2.0, -2.0]], "float32")
    weights = ops.arange(1.0, 7.0, dtype="float32")
    layer = WTADropout(0.5)
    layer.build(x.shape)
    result = gradient(lambda tensor: ops.sum(layer(tensor) * weights), x)
    assert result.tolist() == [[1.0, 2.0, 0.0, 0.0, 5.0, 0.0]]


def test_gradient_passes_through_exactly_k_when_all_are_zero():
    layer = WTADropout(0.5)
    layer.build((1, 6))
    result = gradient(lambda tensor: ops.sum(layer(tensor)), np.zeros((1, 6), "float32"))
    assert result.tolist() == [[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize("jit", JIT)
def test_rate_changes_without_a_new_trace(jit):
    traces = []

    class Counted(WTADropout):
        def call(self, inputs):
            traces.append(1)
            return super().call(inputs)

    model = keras.Sequential([keras.Input((8,)), Counted(0.5)])
    model.compile("sgd", "mse", jit_compile=jit)
    x = np.arange(1.0, 9.0, dtype="float32")[None]
    assert np.count_nonzero(model.predict(x, verbose=0)) == 4
    before = len(traces)
    model.layers[0].winner_rate = 0.25
    assert np.count_nonzero(model.predict(x, verbose=0)) == 2
    if {"tensorflow": True, "jax": jit, "torch": False}[keras.backend.backend()]:  # else Python code runs each time
        assert len(traces) == before


def test_config_has_the_current_rate():
    layer = WTADropout(0.5)
    layer.build((None, 8))
    layer.winner_rate = 0.3
    assert layer.get_config()["winner_rate"] == 0.3


def test_rate_follows_weights_that_are_set():
    layer = WTADropout(0.5)
    layer.build((None, 8))
    layer.set_weights([np.int32(2)])
    assert (layer.winner_rate, layer.winners) == (0.25, 2)


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_exact_rate_is_saved(tmp_path, name):
    def build(rate):
        return keras.Sequential([keras.Input((7,)), WTADropout(rate)])

    model = build(0.5)
    model.layers[0].winner_rate = 0.3123456789
    if name.endswith(".keras"):
        model.save(tmp_path / name)
        restored = keras.saving.load_model(tmp_path / name)
    else:
        model.save_weights(tmp_path / name)
        restored = build(0.9)
        restored.load_weights(tmp_path / name)
    assert restored.layers[0].winner_rate == 0.3123456789
    x = np.arange(1.0, 8.0, dtype="float32")[None]
    np.testing.assert_array_equal(restored.predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize(("shape", "score"), [((4, 10), "max"), ((2, 5, 5, 8), "max"), ((2, 3, 3, 2, 4), "mean")])
def test_layer_in_general(tmp_path, shape, score):
    run_layer_test(WTADropout, {"winner_rate": 0.4, "score": score}, shape, tmp_path, non_trainable=1)


def test_works_in_a_subclassed_model(tmp_path):
    model = Subclassed()
    model.compile("sgd", "mse", jit_compile=JIT[-1])
    x = np.random.default_rng(0).normal(size=(4, 6, 6, 2)).astype("float32")
    model.fit(x, np.zeros((4, 3)), verbose=0)
    model.mask.winner_rate = 0.75
    model.save(tmp_path / "model.keras")
    restored = keras.saving.load_model(tmp_path / "model.keras", custom_objects={"Subclassed": Subclassed})
    assert restored.mask.winner_rate == 0.75
    np.testing.assert_allclose(restored.predict(x, verbose=0), model.predict(x, verbose=0), rtol=1e-6)


class Subclassed(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.conv = keras.layers.Conv2D(8, 3, activation="relu")
        self.mask = WTADropout(0.5)
        self.pool = keras.layers.GlobalAveragePooling2D()
        self.fc = keras.layers.Dense(3)

    def call(self, x):
        return self.fc(self.pool(self.mask(self.conv(x))))


def test_spatial_axes_may_be_unknown_where_channels_win():
    model = keras.Sequential([keras.Input((None, None, 4)), WTADropout(0.5)])
    y = model.predict(np.ones((1, 3, 5, 4)), verbose=0)
    assert y.shape == (1, 3, 5, 4)


@pytest.mark.parametrize("rate", [0.0, -0.1, 1.5, float("nan"), "half", None])
def test_refuses_a_rate_that_is_none(rate):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `winner_rate`.*\(0, 1\]"):
        WTADropout(rate)
    layer = WTADropout(0.5)
    with pytest.raises(InvalidArgumentError, match="Invalid `winner_rate`"):
        layer.winner_rate = rate


def test_refuses_an_unknown_score():
    with pytest.raises(InvalidArgumentError, match=r"Unknown `score`.*'max' or 'mean'.*sum"):
        WTADropout(score="sum")


def test_refuses_an_unknown_unit():
    with pytest.raises(InvalidArgumentError, match=r"Unknown `unit`.*'channel', 'neuron' or None.*row"):
        WTADropout(unit="row")


def test_asks_for_the_unit_at_rank_3():
    with pytest.raises(InvalidArgumentError, match=r"rank 3.*Give unit="):
        WTADropout(name="wta")(np.ones((1, 4, 4)))


def test_refuses_an_unknown_number_of_neurons():
    with pytest.raises(InvalidArgumentError, match=r"cannot count its neurons.*\(None, None, 4\)"):
        WTADropout(unit="neuron")(keras.Input((None, 4)))


def test_refuses_another_number_of_channels_than_it_was_built_for():
    layer = WTADropout(0.5)
    layer(np.ones((1, 4, 4, 8)))
    with pytest.raises(ValueError, match="expected axis -1"):
        layer(np.ones((1, 4, 4, 6)))


def test_refuses_channels_first():
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(InvalidArgumentError, match="channels_first"):
            WTADropout()(np.ones((1, 2, 3, 3)))
        assert call(WTADropout(), np.ones((1, 2), "float32")).shape == (1, 2)
    finally:
        keras.config.set_image_data_format("channels_last")


def test_knows_no_winners_before_it_is_built():
    with pytest.raises(InvalidArgumentError, match=r"'wta' does not know its number of winners yet"):
        _ = WTADropout(name="wta").winners
