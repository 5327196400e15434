# SPDX-License-Identifier: Apache-2.0
"""Knobs change a network in place to what building it anew would give, and count its MACs as `ts.profile` does."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse as ts
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.pruning.kernels import prunable_kernels
from tfsparse.search.tunable import TunableModel

LEVELS = {"winners of conv2": 5, "winners of conv3": 7, "winners of logits": 20}


def test_the_network_computes_what_one_built_with_these_rates_computes(digits):
    tunable = TunableModel(digits.model, digits.test[0][:1])
    x = digits.test[0][:20]
    built = ts.sparsify(digits.model, tunable.rates(LEVELS))
    np.testing.assert_array_equal(tunable.set(LEVELS).predict_on_batch(x), built.predict_on_batch(x))
    np.testing.assert_array_equal(tunable.set({}).predict_on_batch(x), digits.model.predict_on_batch(x))


def test_the_rates_are_those_of_the_levels_and_full_ones_are_left_out(digits):
    tunable = TunableModel(digits.model, digits.test[0][:1])
    assert {name: knob.units for name, knob in tunable.knobs.items()} == {
        "winners of conv2": 32,
        "winners of conv3": 96,
        "winners of conv4": 128,
        "winners of logits": 128,
    }
    assert tunable.rates({"winners of conv2": 8, "winners of conv3": 96}) == {"conv2": 0.25}


def test_macs_are_those_of_the_profile(digits):
    x = digits.test[0][:1]
    tunable = TunableModel(digits.model, x)
    for levels in ({}, LEVELS, {"winners of conv4": 1}):
        assert tunable.macs(levels) == ts.profile(tunable.set(levels), x).macs_after_wta


def test_weights_are_pruned_smallest_first_and_come_back(digits):
    tunable = TunableModel(digits.model, digits.test[0][:1], sparsities=True)
    dense = {name: np.asarray(kernel) for name, kernel in prunable_kernels(digits.model).items()}
    pruned = prunable_kernels(tunable.set({"weights of conv2": 25, "winners of conv4": 6}))
    kept = np.asarray(pruned["conv2"]) != 0
    assert kept.mean() == pytest.approx(0.25, abs=1e-3)
    assert np.abs(dense["conv2"])[~kept].max() <= np.abs(dense["conv2"])[kept].min()
    np.testing.assert_array_equal(np.asarray(pruned["conv4"]), dense["conv4"])
    np.testing.assert_array_equal(np.asarray(prunable_kernels(tunable.set({}))["conv2"]), dense["conv2"])
    assert tunable.sparsities({"weights of conv2": 25, "winners of conv4": 6}) == {"conv2": 0.75}
    assert tunable.macs({"weights of conv2": 25}) == tunable.macs({}) - 0.75 * (8 * 8 * 9 * 32 * 96)


def test_layers_that_read_one_mask_share_a_knob():
    image = keras.Input((4, 4, 3))
    shared = layers.Conv2D(8, 1, name="first")(image)
    model = keras.Model(image, [layers.Conv2D(2, 1, name="a")(shared), layers.Conv2D(4, 1, name="b")(shared)])
    tunable = TunableModel(model, np.zeros((1, 4, 4, 3), "float32"))
    (knob,) = tunable.knobs.values()
    assert sorted(knob.layers) == sorted(knob.saves_in) == ["a", "b"]
    assert tunable.rates({knob.name: 2}) == {"a": 0.25, "b": 0.25}


def test_a_single_neuron_has_no_knob():
    model = keras.Sequential([keras.Input((4,)), *(layers.Dense(units, name=f"fc{units}") for units in (3, 1, 2))])
    assert list(TunableModel(model, np.zeros((1, 4))).knobs) == ["winners of fc1"]


def test_excluded_layers_have_no_knob(digits):
    x = digits.test[0][:1]
    assert list(TunableModel(digits.model, x, exclude=["conv*"]).knobs) == ["winners of logits"]
    kept = TunableModel(digits.model, x, exclude=["conv[12]", "logits"], sparsities=True).knobs
    assert list(kept) == ["winners of conv3", "winners of conv4", "weights of conv3", "weights of conv4"]


def test_models_that_cannot_be_searched_are_refused(digits):
    x = digits.test[0][:1]
    with pytest.raises(InvalidArgumentError, match="winners-take-all layers already"):
        TunableModel(ts.sparsify(digits.model, 0.5), x)
    with pytest.raises(InvalidArgumentError, match="`exclude` names no layer"):
        TunableModel(digits.model, x, exclude=["con"])
    with pytest.raises(InvalidArgumentError, match="leaves no layer"):
        TunableModel(digits.model, x, exclude=["*"])
    with pytest.raises(UnsupportedModelError, match="no layer that could read winners"):
        TunableModel(keras.Sequential([keras.Input((4,)), layers.Dense(2)]), np.zeros((1, 4)))
