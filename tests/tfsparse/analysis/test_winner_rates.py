# SPDX-License-Identifier: Apache-2.0
"""Winner rates from energy."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import tfsparse as ts
from tests.utils.networks import NETWORKS, build, network_names, samples
from tfsparse.analysis.activations import to_numpy
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError


def outputs_of(model: keras.Model, layer: str, x: np.ndarray) -> np.ndarray:
    return to_numpy(keras.Model(model.inputs[0], model.get_layer(layer).output)(x)).astype(np.float64)


def rate_by_svd(features: np.ndarray, energy: float) -> float:
    singular = np.linalg.svd(features.reshape(-1, features.shape[-1]), compute_uv=False)
    cumulative = np.cumsum(singular**2) / np.sum(singular**2)
    return (1 + int(np.argmax(cumulative >= energy * (1 - 1e-9)))) / features.shape[-1]


def rate_by_sorting(activations: np.ndarray, energy: float) -> float:
    mean = np.mean(np.sort(activations**2, axis=1)[:, ::-1], axis=0)
    return (1 + int(np.argmax(np.cumsum(mean) >= energy * mean.sum() * (1 - 1e-9)))) / len(mean)


@pytest.mark.parametrize("name", network_names())
def test_rates_every_consumer(name):
    model = build(name)
    rates = ts.winner_rates(model, samples(model, count=4), energy=0.9)
    assert set(rates) == NETWORKS[name][1]
    assert all(0.0 < rate <= 1.0 for rate in rates.values())


@pytest.mark.parametrize("energy", [0.5, 0.9, 0.99, 1.0])
def test_agrees_with_the_paper_written_out(energy):
    model = build("sequential")
    x = samples(model, count=20)
    pool = next(layer.name for layer in model.layers if isinstance(layer, layers.MaxPooling2D))
    assert ts.winner_rates(model, x, energy) == {
        "conv2": rate_by_svd(outputs_of(model, pool, x), energy),
        "fc1": rate_by_svd(outputs_of(model, "conv2", x), energy),
        "fc2": rate_by_sorting(outputs_of(model, "fc1", x), energy),
    }


def test_does_not_depend_on_the_batch_size():
    model = build("residual")
    x = samples(model, count=7)
    assert ts.winner_rates(model, x, 0.8, batch_size=2) == ts.winner_rates(model, x, 0.8, batch_size=7)


@settings(max_examples=8)
@given(energies=st.lists(st.floats(0.05, 1.0), min_size=2, max_size=2).map(sorted))
def test_more_energy_needs_no_lower_rate(energies):
    model = build("sequential")
    x = samples(model)
    low, high = (ts.winner_rates(model, x, energy) for energy in energies)
    assert all(low[name] <= high[name] for name in low)


def test_energy_by_layer():
    model = build("sequential")
    x = samples(model)
    rates = ts.winner_rates(model, x, {"fc2": 0.5, "conv2": 1.0})
    assert list(rates) == ["fc2", "conv2"]
    assert rates["fc2"] == ts.winner_rates(model, x, 0.5)["fc2"]


def test_a_dead_layer_needs_one_winner():
    model = keras.Sequential(
        [keras.Input((4,)), layers.Dense(5, kernel_initializer="zeros"), layers.Dense(2, name="out")]
    )
    assert ts.winner_rates(model, np.ones((3, 4))) == {"out": 1 / 5}


def test_a_shared_layer_sees_all_its_calls():
    model = build("shared_layer")
    left, right = samples(model, count=6)
    both = ts.winner_rates(model, [left, right], 0.97)["shared"]
    stem = keras.Model(model.inputs[0], model.get_layer("stem")(model.inputs[0]))
    features = np.concatenate([to_numpy(stem(left)), to_numpy(stem(right))]).astype(np.float64)
    assert both == rate_by_svd(features, 0.97)


def test_measures_in_front_of_masks_that_are_there():
    model = build("sequential")
    x = samples(model)
    assert ts.winner_rates(ts.sparsify(model, {"fc2": 0.1}), x, 0.9) == ts.winner_rates(model, x, 0.9)


def test_rates_chosen_twice_give_the_same_model():
    model = build("pooling_and_padding")
    rates = ts.winner_rates(model, samples(model), 0.9)
    sparse = ts.sparsify(model, rates)
    masks = {layer.name: layer.winner_rate for layer in sparse.layers if layer.name.startswith("wta_")}
    assert masks == {f"wta_{name}": rate for name, rate in rates.items()}


def test_takes_batches_too():
    model = build("sequential")
    x = samples(model, count=6)
    assert ts.winner_rates(model, iter([x[:4], x[4:]]), 0.9) == ts.winner_rates(model, x, 0.9)


@pytest.mark.parametrize("energy", [0.0, -0.5, 1.1, float("nan"), "most", None])
def test_refuses_energies_outside_their_range(energy):
    model = build("sequential")
    with pytest.raises(InvalidArgumentError, match=r"Invalid `energy`.*number in \(0, 1\]"):
        ts.winner_rates(model, samples(model), energy)
    with pytest.raises(InvalidArgumentError, match=r"Invalid `energy\['fc1'\]`"):
        ts.winner_rates(model, samples(model), {"fc1": energy})


def test_refuses_energies_of_unknown_layers():
    model = build("sequential")
    with pytest.raises(InvalidArgumentError, match="`energy` names layer 'conv1', but it reads the model's input"):
        ts.winner_rates(model, samples(model), {"conv1": 0.9})


def test_refuses_an_empty_calibration_set():
    with pytest.raises(InvalidArgumentError, match="`x` holds no samples"):
        ts.winner_rates(build("sequential"), np.ones((0, 8, 8, 3)))


def test_refuses_a_calibration_set_of_another_shape():
    with pytest.raises(InvalidArgumentError, match=r"Expected: \(None, 8, 8, 3\). Received: \(3, 8, 8, 1\)"):
        ts.winner_rates(build("sequential"), np.ones((3, 8, 8, 1)))


def test_refuses_activations_that_are_not_finite():
    model = build("residual")
    model.get_layer("conv1").bias.assign(np.full(8, np.nan))
    with pytest.raises(InvalidArgumentError, match=r"What layer 'conv2' reads is not finite.*model's weights"):
        ts.winner_rates(model, samples(model))


def test_refuses_a_model_without_consumers():
    model = keras.Sequential([keras.Input((4,)), layers.ReLU()])
    with pytest.raises(UnsupportedModelError, match="has no layer that could read winners"):
        ts.winner_rates(model, np.ones((2, 4)))


def test_refuses_a_model_without_shapes():
    with pytest.raises(UnsupportedModelError, match="no shapes yet"):
        ts.winner_rates(keras.Sequential([layers.Dense(2)]), np.ones((2, 4)))


def test_single_elements_of_feature_maps_are_ranked_sample_by_sample():
    model = keras.Sequential(
        [
            keras.Input((3, 3, 1)),
            layers.Conv2D(4, 1, name="first"),
            layers.Conv2D(2, 1, name="second"),
        ]
    )
    x = np.random.default_rng(0).normal(size=(5, 3, 3, 1)).astype(np.float32)
    maps = keras.ops.convert_to_numpy(model.get_layer("first")(x)).reshape(5, -1).astype(np.float64)
    energies = np.sort(maps**2, axis=1)[:, ::-1].mean(axis=0)
    count = int(np.argmax(np.cumsum(energies) >= 0.9 * energies.sum())) + 1
    for mask in ("elements", "sampled"):
        assert ts.winner_rates(model, x, 0.9, mask=mask) == {"second": count / 36}


def test_an_unknown_mask_is_refused():
    model = keras.Sequential([keras.Input((2,)), layers.Dense(2), layers.Dense(2)])
    with pytest.raises(InvalidArgumentError, match="winners, elements, sampled"):
        ts.winner_rates(model, np.ones((1, 2)), mask="rows")
