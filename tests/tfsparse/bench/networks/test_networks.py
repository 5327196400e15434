# SPDX-License-Identifier: Apache-2.0
"""The networks compute what they say, dense and over their winners, at the published cost."""

from __future__ import annotations

import numpy as np
import pytest

from tests.utils.numpy_network import NumpyLayers
from tfsparse import ops
from tfsparse.bench.networks.architectures import ALEXNET, MOBILENET_V1, RESNET18, VGG16
from tfsparse.bench.networks.calibration import calibrated_filters
from tfsparse.bench.networks.costs import LayerCost, count, mac_share
from tfsparse.bench.networks.graph import network_model
from tfsparse.inspection import describe_model
from tfsparse.runtime.interpreter import Interpreter

SMALL = {ALEXNET: 99, VGG16: 64, RESNET18: 64, MOBILENET_V1: 64}
WIDTH = 0.125
architectures = pytest.mark.parametrize("architecture", SMALL, ids=lambda architecture: architecture.name)


def images(architecture, count=2, seed=0):
    size = SMALL[architecture]
    return np.random.default_rng(seed).random((count, size, size, 3), np.float32)


def rates_of(architecture, rate):
    layers = count(architecture, SMALL[architecture], WIDTH)
    return {layer.name: rate for layer in layers if layer.name != architecture.first and "depthwise" not in layer.name}


def small_model(architecture, filters, rates):
    return network_model(architecture, filters, rates, SMALL[architecture], WIDTH)


@pytest.fixture(scope="module")
def filters():
    return {
        architecture: calibrated_filters(architecture, images(architecture), rates_of(architecture, 0.5), WIDTH)
        for architecture in SMALL
    }


def close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


@architectures
def test_dense_network_is_that_of_numpy(architecture, filters):
    x = images(architecture, 1, seed=1)
    expected = architecture.build(NumpyLayers(filters[architecture], {}), x, width=WIDTH)
    close(Interpreter(small_model(architecture, filters[architecture], {})).predict(x), expected)


@architectures
def test_network_over_winners_is_the_dense_one_whose_losers_are_masked(architecture, filters):
    x, rates = images(architecture, 1, seed=1), rates_of(architecture, 0.5)
    expected = architecture.build(NumpyLayers(filters[architecture], rates), x, width=WIDTH)
    dense = architecture.build(NumpyLayers(filters[architecture], {}), x, width=WIDTH)
    assert np.abs(expected - dense).max() > 0.1 * dense.std()
    close(Interpreter(small_model(architecture, filters[architecture], rates)).predict(x), expected)


@architectures
def test_network_in_which_all_win_is_the_dense_one(architecture, filters):
    x = images(architecture, 1, seed=2)
    dense = Interpreter(small_model(architecture, filters[architecture], {})).predict(x)
    every = Interpreter(small_model(architecture, filters[architecture], rates_of(architecture, 1.0))).predict(x)
    close(every, dense)


@architectures
def test_costs_are_those_of_the_model(architecture, filters):
    layers = count(architecture, SMALL[architecture], WIDTH)
    rates = rates_of(architecture, 0.3)
    macs = describe_model(small_model(architecture, filters[architecture], rates)).macs
    assert sum(layer.macs for layer in layers) == macs.dense
    assert mac_share(layers, rates) == pytest.approx(macs.computed / macs.dense)
    assert sum(layer.weights for layer in layers) == sum(w.size for w, _ in filters[architecture].values())


@pytest.mark.parametrize(
    ("architecture", "macs", "weights"),
    [
        (ALEXNET, 1_135_256_096, 62_367_776),
        (VGG16, 15_470_264_320, 138_344_128),
        (RESNET18, 1_814_073_344, 11_678_912),
        (MOBILENET_V1, 568_740_352, 4_209_088),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_networks_have_the_published_size(architecture, macs, weights):
    layers = count(architecture)
    assert (sum(layer.macs for layer in layers), sum(layer.weights for layer in layers)) == (macs, weights)
    assert layers[0].name == architecture.first


@architectures
def test_about_half_of_the_activations_are_zero_and_no_winner_is(architecture, filters):
    model = small_model(architecture, filters[architecture], rates_of(architecture, 0.5))
    interpreter = Interpreter(model, keep_tensors=True)
    interpreter.predict(images(architecture, 1))
    tensors = interpreter.tensors()
    winners = [array for name, array in tensors.items() if name.endswith("/winners")]
    assert np.mean([np.mean(array >= 0) for array in winners]) > 0.9
    maps = [
        np.mean(array > 0)
        for name, array in tensors.items()
        if name.startswith(("conv", "block"))
        and array.ndim == 4
        and array.shape[:2] != (1, 1)
        and "/filter" not in name
    ]
    assert 0.4 < np.mean(maps) < 0.6


def test_layers_that_read_one_map_share_its_selection(filters):
    description = describe_model(small_model(RESNET18, filters[RESNET18], rates_of(RESNET18, 0.5)))
    selections = [operator for operator in description.operators if operator.name == ops.SelectWinners.NAME]
    convolutions = [operator for operator in description.operators if operator.name == ops.WinnerConv2D.NAME]
    assert len(convolutions) == 19
    assert len(selections) == 19 - 3 + 1  # three shortcuts share theirs, the fully connected layer has its own


@pytest.mark.parametrize(("architecture", "scored"), [(MOBILENET_V1, 12), (RESNET18, 8), (VGG16, 7), (ALEXNET, 2)])
def test_layers_that_feed_a_selection_score_their_output(architecture, scored, filters):
    description = describe_model(small_model(architecture, filters[architecture], rates_of(architecture, 0.5)))
    selections = [operator for operator in description.operators if operator.name == ops.SelectWinners.NAME]
    assert sum("/scores" in str(selection) for selection in selections) == scored


def test_fully_connected_layers_weigh_by_bytes():
    layers = [
        LayerCost("conv", macs=800, weights=8, channels=10),
        LayerCost("fc", macs=100, weights=100, channels=10, is_fully_connected=True),
    ]
    rates = {"conv": 0.5, "fc": 0.1}
    assert mac_share(layers, rates) == pytest.approx((400 + 10) / 900)
    assert mac_share(layers, rates, macs_per_byte=2.0) == pytest.approx((400 + 80) / 1600)
    assert mac_share(layers, {}, macs_per_byte=2.0) == 1.0
