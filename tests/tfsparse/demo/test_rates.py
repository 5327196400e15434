# SPDX-License-Identifier: Apache-2.0
"""Winner rates for a wanted share of pruned feature maps."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import tfsparse as ts
from tfsparse.demo.rates import pruned_feature_maps, rates_for_pruned_maps
from tfsparse.errors import InvalidArgumentError
from tfsparse.models import lenet4


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(0)
    return lenet4((12, 12, 1))


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).random((30, 12, 12, 1), np.float32)


def test_pruned_maps_are_counted_over_all_channels(network):
    # conv2 reads 32 maps, fc1 reads 64; the logits read neurons, which are no maps.
    sparse = ts.sparsify(network, {"conv2": 0.5, "fc1": 0.25, "logits": 0.1})
    assert pruned_feature_maps(sparse) == pytest.approx((16 + 48) / 96)


def test_a_model_without_masks_prunes_nothing(network):
    assert pruned_feature_maps(network) == 0.0


@pytest.mark.parametrize("share", [0.0, 0.3, 0.619, 0.9])
def test_share_is_reached_and_barely_passed(network, images, share):
    rates = rates_for_pruned_maps(network, images, share, energy=0.99)
    pruned = pruned_feature_maps(ts.sparsify(network, rates))
    assert share <= pruned <= share + 3 / 96


def test_layers_that_read_neurons_go_by_the_energy(network, images):
    rates = rates_for_pruned_maps(network, images, 0.619, energy=0.9)
    assert rates["logits"] == ts.winner_rates(network, images, energy=0.9)["logits"]


def test_one_channel_always_wins(network, images):
    with pytest.raises(InvalidArgumentError, match="cannot be pruned"):
        rates_for_pruned_maps(network, images, 0.999, energy=0.99)
