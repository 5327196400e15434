# SPDX-License-Identifier: Apache-2.0
"""Which layers are made to put out zeros, and what `convert` makes of their readers."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
from keras import layers, regularizers

import tfsparse
from tests.utils.wirings import randomize
from tfsparse.conversion.sparse_layers import sparse_layers
from tfsparse.errors import InvalidArgumentError
from tfsparse.inspection import describe_model
from tfsparse.layers import FATReLU, WTADropout
from tfsparse.regularizers import HoyerSquare, TransformedL1


@pytest.mark.parametrize(
    ("layer", "is_sparse"),
    [
        (FATReLU(0.1, name="y"), True),
        (layers.ReLU(name="y", activity_regularizer=TransformedL1()), True),
        (layers.Activation("relu", name="y", activity_regularizer=HoyerSquare()), True),
        (layers.ReLU(name="y", activity_regularizer=regularizers.L1(1e-3)), True),
        (layers.ActivityRegularization(l1=1e-3, name="y"), True),
        (layers.ActivityRegularization(l2=1e-3, name="y"), False),
        (layers.ReLU(name="y", activity_regularizer=regularizers.L2(1e-3)), False),
        (layers.Dense(4, name="y", kernel_regularizer=TransformedL1()), False),
        (layers.ReLU(name="y"), False),
    ],
)
def test_tells_layers_that_are_made_to_put_out_zeros(layer, is_sparse):
    x = keras.Input((6,))
    model = keras.Model(x, layers.Dense(3)(layer(layers.Dense(4, name="x")(x))))
    assert sparse_layers(model) == ({"y"} if is_sparse else set())


def network(activation) -> keras.Model:
    """Two convolutions and a product behind layers that `activation` makes, and a plain one at the start."""
    x = keras.Input((12, 12, 3), name="image")
    y = activation("act1")(layers.Conv2D(16, 3, padding="same", name="conv1")(x))
    y = activation("act2")(layers.Conv2D(20, 3, padding="same", name="conv2")(layers.MaxPooling2D()(y)))
    y = activation("act3")(layers.Conv2D(24, 3, strides=2, padding="same", name="conv3")(y))
    model = keras.Model(x, layers.Dense(10, name="logits")(layers.Flatten()(y)))
    randomize(model)
    return model


ACTIVATIONS = {
    "fatrelu": lambda name: FATReLU(0.5, name=name),
    "transformed_l1": lambda name: layers.ReLU(name=name, activity_regularizer=TransformedL1()),
}
BEHIND = ["conv2", "conv3", "logits"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.tflite"


def skipping(report) -> list[str]:
    return [layer.layer.partition("/")[0] for layer in report.layers_without_winners if layer.skips_zeros]


@pytest.mark.parametrize("activation", ACTIVATIONS.values(), ids=ACTIVATIONS)
def test_what_reads_such_layers_skips_zeros_and_keeps_its_result(activation, path):
    model = network(activation)
    report = tfsparse.convert(model, path)
    assert len(skipping(report)) == 3
    names = [operator.name for operator in describe_model(path).operators]
    assert names.count("CONV_2D") == 1, "the first convolution reads the image"
    assert names.count("TfSparseWinnerConv2D") == 2
    assert names.count("TfSparseWinnerFullyConnected") == 1
    assert tfsparse.verify(model, path, np.random.default_rng(0).normal(size=(4, 12, 12, 3)).astype("float32")).passed


def test_the_result_is_that_of_keras_for_one_and_several_threads(path):
    model = network(ACTIVATIONS["fatrelu"])
    tfsparse.convert(model, path)
    x = np.random.default_rng(1).normal(size=(3, 12, 12, 3)).astype("float32")
    expected = model.predict(x, verbose=0)
    single = tfsparse.Interpreter(path, num_threads=1).predict(x)
    np.testing.assert_allclose(single, expected, rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(tfsparse.Interpreter(path, num_threads=3).predict(x), single)


def test_auto_leaves_plain_networks_alone(path):
    report = tfsparse.convert(network(lambda name: layers.ReLU(name=name)), path)
    assert report.layers_without_winners == ()
    assert all(not operator.custom for operator in describe_model(path).operators)


def test_true_takes_all_but_the_first_and_false_none(path):
    plain, sparse = network(lambda name: layers.ReLU(name=name)), network(ACTIVATIONS["fatrelu"])
    assert len(skipping(tfsparse.convert(plain, path, skip_zeros=True))) == 3
    assert tfsparse.convert(sparse, path, skip_zeros=False, overwrite=True).layers_without_winners == ()


def test_a_layer_behind_winners_keeps_to_them(path):
    x = keras.Input((8, 8, 3))
    y = FATReLU(0.2)(layers.Conv2D(8, 3, name="first")(x))
    model = keras.Model(x, layers.Conv2D(4, 3, name="last")(WTADropout(0.5, name="wta")(y)))
    report = tfsparse.convert(model, path)
    assert report.layers_without_winners == ()
    assert [layer.layer for layer in report.layers] == ["wta"]


def test_accelerate_dense_takes_3x3_convolutions_of_stride_1(path):
    model = network(lambda name: layers.ReLU(name=name))
    report = tfsparse.convert(model, path, accelerate_dense=True)
    assert [layer.skips_zeros for layer in report.layers_without_winners] == [False, False]
    names = [operator.name for operator in describe_model(path).operators]
    assert (names.count("TfSparseWinnerConv2D"), names.count("CONV_2D")) == (2, 1)
    x = np.random.default_rng(1).normal(size=(2, 12, 12, 3)).astype("float32")
    np.testing.assert_allclose(tfsparse.Interpreter(path).predict(x), model.predict(x, verbose=0), rtol=1e-3, atol=1e-3)


def test_the_kernel_is_written_into_every_convolution(path):
    x = keras.Input((8, 8, 3))
    y = WTADropout(0.5)(layers.Conv2D(8, 3)(x))
    y = FATReLU(0.2)(layers.Conv2D(8, 3)(y))
    model = keras.Model(x, layers.Conv2D(4, 3)(y))
    for kernel in ("auto", "direct"):
        tfsparse.convert(model, path, kernel=kernel, overwrite=True)
        options = [operator.options for operator in describe_model(path).operators if "kernel" in operator.options]
        assert [(option["kernel"], option["skip_zeros"]) for option in options] == [(kernel, False), (kernel, True)]


def test_the_report_tells_such_layers_and_counts_nothing_for_them(path):
    report = tfsparse.convert(network(ACTIVATIONS["fatrelu"]), path)
    assert report.dense_macs == report.computed_macs > 0
    assert "the zeros of its input, not counted below" in str(report)
    assert [entry["skips_zeros"] for entry in json.loads(report.to_json())["layers_without_winners"]] == [True] * 3
    report = tfsparse.convert(
        network(ACTIVATIONS["fatrelu"]), path, skip_zeros=False, accelerate_dense=True, overwrite=True
    )
    assert "multiplications, not counted below" in str(report)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"skip_zeros": "always"}, r"Invalid `skip_zeros`.*'auto', True or False.*always"),
        ({"skip_zeros": 1}, r"Invalid `skip_zeros`"),
        ({"accelerate_dense": "yes"}, r"Invalid `accelerate_dense`.*True or False.*yes"),
        ({"kernel": "winograd"}, r"Unknown `kernel`.*'auto' or 'direct'.*winograd"),
        ({"accelerate_dense": True, "kernel": "direct"}, r"which `kernel` forbids"),
        ({"lowering": "builtin", "skip_zeros": True}, r"`skip_zeros` is about operators of the native library"),
        ({"lowering": "builtin", "accelerate_dense": True}, r"`accelerate_dense` is about operators of the native"),
        ({"lowering": "builtin", "kernel": "direct"}, r"`kernel` is about operators of the native library"),
    ],
)
def test_wrong_options_are_refused(options, message, path):
    with pytest.raises(InvalidArgumentError, match=message):
        tfsparse.convert(network(ACTIVATIONS["fatrelu"]), path, **options)
    assert not path.exists()


def test_builtin_lowering_uses_no_native_operator(path):
    tfsparse.convert(network(ACTIVATIONS["fatrelu"]), path, lowering="builtin")
    assert all(not operator.custom for operator in describe_model(path).operators)
