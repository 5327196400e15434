# SPDX-License-Identifier: Apache-2.0
"""Pruned activations are counted as in the papers' tables."""

from __future__ import annotations

import pytest

import tfsparse as ts
from tfsparse.analysis.pruned import PrunedActivations, pruned_activations
from tfsparse.models.catalog import find_model


def test_feature_maps_and_activations_between_fc_layers_are_counted_apart():
    lenet4 = find_model("lenet4").build(width=0.25)  # 8 and 16 channels, 256 neurons
    sparse = ts.sparsify(lenet4, {"conv2": 0.5, "fc1": 0.25, "logits": 0.125})
    pruned = pruned_activations(sparse)
    assert pruned.feature_maps == pytest.approx(1 - (4 + 4) / (8 + 16))
    assert pruned.fc_activations == pytest.approx(1 - 32 / 256)


def test_of_single_elements_elements_are_counted():
    lenet4 = find_model("lenet4").build(width=0.25)
    sparse = ts.sparsify(lenet4, {"conv2": 0.5}, mask="elements")
    assert pruned_activations(sparse) == PrunedActivations(feature_maps=0.5, fc_activations=None)
