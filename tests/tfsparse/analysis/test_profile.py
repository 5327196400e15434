# SPDX-License-Identifier: Apache-2.0
"""Profiles of models."""

from __future__ import annotations

import io
import json

import keras
import numpy as np
import pytest
from keras import layers
from rich.console import Console

import tfsparse as ts
from tests.utils.networks import NETWORKS, build, network_names, samples
from tfsparse.analysis.profile import LayerProfile, Profile
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.layers import WTADropout


def row(profile: Profile, name: str) -> LayerProfile:
    return next(layer for layer in profile.layers if layer.name == name)


def lenet4() -> keras.Sequential:
    conv = {"padding": "same", "activation": "relu"}
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(32, 5, name="conv1", **conv),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 5, name="conv2", **conv),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(1024, activation="relu", name="fc1"),
            layers.Dense(10, name="fc2"),
        ],
        name="lenet4",
    )


def test_macs_of_lenet4_by_hand():
    profile = ts.profile(lenet4(), np.ones((1, 28, 28, 1)))
    expected = {
        "conv1": 28 * 28 * 25 * 1 * 32,
        "conv2": 14 * 14 * 25 * 32 * 64,
        "fc1": 3136 * 1024,
        "fc2": 1024 * 10,
    }
    assert {layer.name: layer.macs for layer in profile.layers if layer.macs} == expected
    assert profile.macs == profile.macs_after_wta == sum(expected.values())
    assert profile.parameters == 832 + 51264 + 3212288 + 10250


def test_macs_of_mlp3_by_hand():
    mlp = keras.Sequential([keras.Input((784,)), *(layers.Dense(n) for n in (300, 100, 10))])
    profile = ts.profile(ts.sparsify(mlp, 0.1), np.ones((2, 784)))
    assert profile.macs == 784 * 300 + 300 * 100 + 100 * 10
    assert profile.macs_after_wta == 784 * 300 + 30 * 100 + 10 * 10
    assert [(layer.winners, layer.units) for layer in profile.layers if layer.macs] == [
        (None, None),
        (30, 300),
        (10, 100),
    ]


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="other backends compile hundreds of operators")
@pytest.mark.parametrize(
    ("architecture", "millions", "parameters"), [("MobileNetV2", 300.8, 3_538_984), ("ResNet50", 3858, 25_636_712)]
)
def test_published_macs(architecture, millions, parameters):
    model = getattr(keras.applications, architecture)(weights=None)
    profile = ts.profile(model, np.zeros((1, 224, 224, 3), "float32"))
    assert profile.macs / 1e6 == pytest.approx(millions, rel=1e-3)
    assert profile.parameters == parameters
    assert profile.notes == ()


@pytest.mark.parametrize("name", network_names())
def test_each_count_is_no_more_than_the_one_before(name):
    model = build(name)
    dense, sparse = (ts.profile(m, samples(model)) for m in (model, ts.sparsify(model, 0.3)))
    assert dense.macs == dense.macs_after_wta == sparse.macs > sparse.macs_after_wta >= sparse.effective_macs > 0
    for layer in sparse.layers:
        assert layer.macs >= layer.macs_after_wta >= layer.effective_macs
    masked = {layer.name for layer in sparse.layers if layer.winners is not None}
    assert masked == NETWORKS[name][1]


def test_effective_macs_and_sparsities_by_hand():
    model = keras.Sequential([keras.Input((4,)), layers.ReLU(name="relu"), layers.Dense(2, name="dense")])
    kernel = np.array([[1, 0], [1, 1], [0, 0], [0, 1]], "float32")
    model.get_layer("dense").set_weights([kernel, np.zeros(2, "float32")])
    x = np.array([[1.0, 2.0, -1.0, -1.0], [-1.0, 3.0, 1.0, 1.0]])
    profile = ts.profile(model, x)
    dense = row(profile, "dense")
    # sample 1: features 0 and 1 meet 1 + 2 weights; sample 2: features 1, 2, 3 meet 2 + 0 + 1
    assert dense.effective_macs == (3 + 3) / 2
    assert dense.weight_sparsity == 4 / 8
    assert dense.input_sparsity == row(profile, "relu").output_sparsity == 3 / 8
    assert dense.output_sparsity == 0.0
    assert row(profile, "relu").weight_sparsity is None
    assert (profile.weight_sparsity, profile.activation_sparsity, profile.samples) == (0.5, 3 / 8, 2)


def test_does_not_depend_on_the_batch_size():
    model = ts.sparsify(build("residual"), 0.5)
    x = samples(model, count=5)
    assert ts.profile(model, x, batch_size=2) == ts.profile(model, x, batch_size=5)


def test_leaves_the_model_as_it_is():
    model = build("batch_normalization")
    weights = model.get_weights()
    ts.profile(model, samples(model))
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(after, before)


def test_a_shared_layer_counts_for_each_call_but_its_weights_once():
    model = build("shared_layer")
    profile = ts.profile(model, samples(model))
    shared = row(profile, "shared")
    assert (shared.calls, shared.macs, shared.parameters) == (2, 2 * 8 * 8 * 9 * 6 * 6, 9 * 6 * 6 + 6)
    assert sum(layer.parameters for layer in profile.layers) == profile.parameters == model.count_params()


@pytest.mark.parametrize("name", network_names())
def test_parameters_add_up(name):
    model = build(name)
    profile = ts.profile(model, samples(model))
    assert sum(layer.parameters for layer in profile.layers) == profile.parameters


def test_json_holds_everything():
    model = build("sequential")
    profile = ts.profile(model, samples(model))
    loaded = json.loads(profile.to_json())
    layers_ = tuple(
        LayerProfile(**{**layer, "output_shape": tuple(layer["output_shape"])}) for layer in loaded["layers"]
    )
    assert Profile(**{**loaded, "layers": layers_, "notes": tuple(loaded["notes"])}) == profile


def test_prints_a_table():
    model = ts.sparsify(lenet4(), {"conv2": 0.25})
    text = str(ts.profile(model, np.ones((2, 28, 28, 1))))
    lines = [line.split() for line in text.splitlines()]
    assert "lenet4: MACs per sample, zeros on 2 samples" in text
    assert lines[4][:10] == ["conv1", "Conv2D", "28", "x", "28", "x", "32", "832", "627,200", "627,200"]
    conv2 = next(line for line in lines if line[:1] == ["conv2"])
    assert conv2[7:10] == ["51,264", "10,035,200", "2,508,800"]
    assert "8/32" in conv2
    assert lines[-1][:4] == ["Total", "3,274,635", "13,883,904", "6,357,504"]
    assert max(map(len, text.splitlines())) <= 160


def test_rich_prints_the_same_table():
    profile = ts.profile(build("sequential"), samples(build("sequential")))
    stream = io.StringIO()
    Console(file=stream, width=160).print(profile)
    printed = "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
    assert printed.strip("\n") == str(profile)


class Subclassed(keras.Model):
    """Layers that only call() connects."""

    def __init__(self):
        super().__init__(name="subclassed")
        self.conv = layers.Conv2D(4, 3, name="conv")
        self.mask = WTADropout(0.5, name="mask")
        self.flatten = layers.Flatten()
        self.heads = [layers.Dense(2, name="head0"), layers.Dense(3, name="head1")]

    def call(self, x):
        y = self.flatten(self.mask(self.conv(x)))
        return [head(y) for head in self.heads]


def test_a_subclassed_model_is_profiled_layer_by_layer():
    model = Subclassed()
    x = np.ones((2, 6, 6, 1), "float32")
    model(x)
    profile = ts.profile(model, x)
    assert {layer.name: layer.macs for layer in profile.layers if layer.macs} == {
        "conv": 16 * 9 * 4,
        "head0": 64 * 2,
        "head1": 64 * 3,
    }
    (note,) = profile.notes
    assert "Mask 'mask' is inside a subclassed model" in note
    assert note.split()[0] in str(profile)


def test_layers_that_are_not_counted_are_named():
    x = keras.Input((5, 4))
    y = layers.LSTM(3, name="lstm")(layers.MultiHeadAttention(2, 2, name="attention")(x, x))
    profile = ts.profile(keras.Model(x, y), np.ones((2, 5, 4)))
    assert any("LSTM layer 'lstm'" in note for note in profile.notes)
    assert any("queries, keys and values in MultiHeadAttention layer 'attention'" in note for note in profile.notes)
    assert row(profile, "attention/query").macs == 5 * 4 * 4
    assert row(profile, "lstm").parameters == 4 * (4 + 3 + 1) * 3


def test_layers_inside_wrappers_are_counted():
    x = keras.Input((5, 4))
    y = layers.TimeDistributed(layers.Dense(3, name="inner"), name="wrapper")(x)
    profile = ts.profile(keras.Model(x, y), np.ones((2, 5, 4)))
    assert profile.macs == 5 * 4 * 3
    assert profile.parameters == sum(layer.parameters for layer in profile.layers) == 4 * 3 + 3


def test_a_model_without_weights_has_no_macs():
    profile = ts.profile(keras.Sequential([keras.Input((4,)), layers.ReLU()]), np.ones((2, 4)))
    assert (profile.macs, profile.parameters, profile.weight_sparsity, profile.activation_sparsity) == (0, 0, 0.0, 0.0)


def test_refuses_an_empty_set():
    with pytest.raises(InvalidArgumentError, match="`x` holds no samples"):
        ts.profile(build("sequential"), np.ones((0, 8, 8, 3)))


def test_refuses_a_wrong_shape():
    with pytest.raises(InvalidArgumentError, match=r"Expected: \(None, 8, 8, 3\). Received: \(2, 4, 4, 3\)"):
        ts.profile(build("sequential"), np.ones((2, 4, 4, 3)))


def test_refuses_a_model_that_is_not_built():
    with pytest.raises(UnsupportedModelError, match=r"not built yet.*build\(input_shape\)"):
        ts.profile(keras.Sequential([layers.Dense(2)]), np.ones((2, 4)))


def test_refuses_what_is_no_model():
    with pytest.raises(InvalidArgumentError, match=r"Expected: a keras.Model. Received: NoneType"):
        ts.profile(None, np.ones((2, 4)))
