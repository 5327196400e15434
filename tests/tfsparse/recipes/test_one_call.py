# SPDX-License-Identifier: Apache-2.0
"""Each method in one call: on a network of one's own, with its stages and what they promise."""

from __future__ import annotations

import json
import tempfile

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse as ts
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import SampledWTADropout

SHORT = {"finetune_epochs": 1, "batch_size": 32, "verbose": False}


@pytest.fixture
def net():
    """Builds a tiny network."""

    def build(activation="relu"):
        keras.utils.set_random_seed(0)
        return keras.Sequential(
            [
                keras.Input((8, 8, 1)),
                layers.Conv2D(6, 3, activation=activation, name="conv1"),
                layers.Conv2D(6, 3, activation=activation, name="conv2"),
                layers.Flatten(name="flatten"),
                layers.Dense(12, activation=activation, name="fc1"),
                layers.Dense(10, name="logits"),
            ]
        )

    return build


@pytest.fixture
def arrays(digits):
    return digits.x_train, digits.y_train, digits.x_test, digits.y_test


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_dasnet_masks_a_trained_network_and_leaves_no_folder(net, arrays, temporary):
    model = net()
    before = [weight.copy() for weight in model.get_weights()]
    result = ts.recipes.dasnet(model, arrays, rates={"conv2": 0.5, "fc1": 0.5}, accuracy_budget=1.0, **SHORT)
    assert [stage.stage for stage in result.stages] == ["01-winners"]
    assert result.model.get_layer("wta_conv2").winners == 3
    assert result.stages[0].pruned_feature_maps == 0.5
    assert {row["stage"] for row in result.history} == {"01-winners"}
    unpacked, history = result
    assert unpacked is result.model
    assert history is result.history
    assert not list(temporary.glob("tfsparse-*"))
    for weight, other in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, other)


def test_jpnet_prunes_and_masks_elements_where_the_activation_makes_no_zeros(net, digits, tmp_path):
    result = ts.recipes.jpnet(
        net("tanh"), digits, sparsity=0.5, energy=0.8, rounds=1, prune_epochs=1, accuracy_budget=1.0,
        pretrained=True, folder=tmp_path / "run", **SHORT
    )  # fmt: skip
    pruned, masked = result.stages
    assert pruned.weight_zeros == pytest.approx(0.5, abs=0.01)
    assert masked.weight_zeros >= pruned.weight_zeros  # held while the masks were trained
    assert isinstance(result.model.get_layer("wta_conv2"), SampledWTADropout)
    assert masked.effective_macs < pruned.effective_macs
    assert masked.pruned_feature_maps > 0
    assert (tmp_path / "run" / "model.tflite").is_file()


def test_dual_sparse_tries_all_penalties_and_takes_the_fewest_multiplications(net, digits, tmp_path):
    folder = tmp_path / "run"
    result = ts.recipes.dual_sparse(
        net(), digits, sparsity=0.5, l=[1e-6, 1e-2], beta=0.5, dense_epochs=1, accuracy_budget=1.0,
        pretrained=False, folder=folder, **SHORT
    )  # fmt: skip
    assert [stage.stage[3:] for stage in result.stages] == ["dense", "shrink_weights", "prune", "activations"]
    facts = json.loads((folder / "stages/04-activations/facts.json").read_text())
    macs = [each["effective_macs"] for each in facts["rounds"]]
    assert [(each["l"], each["beta"]) for each in facts["rounds"]] == [(1e-6, 0.5), (1e-2, 0.5)]
    assert facts["best_round"] == macs.index(min(macs)) + 1
    assert result.stages[-1].weight_zeros >= 0.5
    assert not any(weight.regularizer for weight in result.model.trainable_weights)


def test_wrong_arguments_are_refused(net, arrays):
    with pytest.raises(InvalidArgumentError, match="accuracy_budget"):
        ts.recipes.dasnet(net(), arrays, accuracy_budget=-1.0)
    with pytest.raises(InvalidArgumentError, match="3 arrays"):
        ts.recipes.dasnet(net(), arrays[:3])
    with pytest.raises(InvalidArgumentError, match="no model"):
        ts.recipes.jpnet(7, arrays)
    with pytest.raises(InvalidArgumentError, match=r"`layers` and `exclude`"):
        ts.recipes.dasnet(net(), arrays, layers=["nothing*"], verbose=False)
