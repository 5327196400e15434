# SPDX-License-Identifier: Apache-2.0
"""With calibration samples, `skip_zeros="auto"` goes by the zeros that it counts."""

from __future__ import annotations

import json
import re

import keras
import numpy as np
import pytest
from keras import layers

import tfsparse
from tests.utils.wirings import randomize
from tfsparse.conversion.zeros import BREAK_EVEN
from tfsparse.datasets import load_digits
from tfsparse.errors import InvalidArgumentError
from tfsparse.inspection import describe_model
from tfsparse.layers import FATReLU, WTADropout

SAMPLES = 19  # not a whole number of runs


def network(*activations: layers.Layer) -> keras.Model:
    """A convolution of the image, and one behind each activation."""
    x = keras.Input((10, 10, 3), name="image")
    y = layers.Conv2D(12, 3, name="first")(x)
    for index, activation in enumerate(activations):
        y = layers.Conv2D(12, 3, padding="same", name=f"behind{index}")(activation(y))
    model = keras.Model(x, y)
    randomize(model)
    return model


def images(count: int = SAMPLES) -> np.ndarray:
    return np.random.default_rng(3).normal(size=(count, 10, 10, 3)).astype(np.float32)


def zeros_of(model: keras.Model, layer: str, x: np.ndarray) -> float:
    """What Keras says of the input of a layer."""
    read = keras.Model(model.inputs, model.get_layer(layer).input)
    return float(np.mean(np.asarray(read.predict(x, verbose=0)) == 0))


def skipping(report) -> list[str]:
    return [layer.layer.partition("/")[0] for layer in report.layers_without_winners if layer.skips_zeros]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.tflite"


def test_layers_whose_input_has_enough_zeros_skip_them_whatever_made_them(path):
    many, few, plain = FATReLU(1.5, name="many"), FATReLU(1e-6, name="few"), layers.ReLU(name="plain")
    model = network(many, layers.LeakyReLU(name="leaky"), few, plain)
    model.get_layer("behind2").bias.assign(np.full(12, -30.0))  # so that the ReLU behind it gives zeros
    model.get_layer("behind1").bias.assign(np.full(12, 30.0))  # and the FATReLU none
    # A convolution has the name of the ReLU that it swallows: "plain" is "behind2".
    assert skipping(tfsparse.convert(model, path)) == ["behind0", "plain"], "those behind a FATReLU"
    report = tfsparse.convert(model, path, calibration=images(), overwrite=True)
    assert skipping(report) == ["behind0", "behind3"]
    names = [operator.name for operator in describe_model(path).operators]
    assert (names.count("TfSparseWinnerConv2D"), names.count("CONV_2D")) == (2, 3)
    assert tfsparse.verify(model, path, images(4)).passed


def test_the_report_has_the_share_of_zeros_over_all_samples(path):
    model = network(FATReLU(1.0, name="many"), FATReLU(0.01, name="some"), layers.LeakyReLU(name="leaky"))
    report = tfsparse.convert(model, path, calibration=images())
    assert [zeros.layer for zeros in report.input_zeros] == ["behind0", "behind1", "behind2"]
    for zeros in report.input_zeros:
        assert zeros.share == pytest.approx(zeros_of(model, zeros.layer, images()), abs=1e-3)
        assert zeros.skipped == (zeros.share >= BREAK_EVEN) == (zeros.layer in skipping(report))
    assert json.loads(report.to_json())["input_zeros"][2] == {"layer": "behind2", "share": 0.0, "skipped": False}
    assert re.search(rf"behind0 +{report.input_zeros[0].share:.0%} +yes", str(report))
    assert re.search(r"behind2 +0% +no", str(report))


def test_without_calibration_nothing_is_measured(path):
    report = tfsparse.convert(network(FATReLU(1.0)), path)
    assert report.input_zeros == ()
    assert "zeros in its input" not in str(report)


def test_a_model_without_candidates_measures_nothing(path):
    assert tfsparse.convert(network(), path, calibration=images()).input_zeros == ()


def test_zeros_behind_winners_are_counted_and_the_winners_layer_kept(path):
    mask = WTADropout(0.25, name="wta")
    model = network(mask, FATReLU(2.0, name="many"))
    report = tfsparse.convert(model, path, calibration=images())
    assert [layer.layer for layer in report.layers] == ["wta"]
    assert [zeros.layer for zeros in report.input_zeros] == ["behind1"]
    assert report.input_zeros[0].share == pytest.approx(zeros_of(model, "behind1", images()), abs=1e-3)


def test_several_inputs_are_given_by_name(path):
    inputs = [keras.Input((6,), name=name) for name in ("left", "right")]
    hidden = [layers.Dense(16, activation="relu", name=f"hidden_{x.name}")(x) for x in inputs]
    model = keras.Model(inputs, [layers.Dense(3, name=f"out_{y.name}")(h) for y, h in zip(inputs, hidden, strict=True)])
    model.get_layer("hidden_right").bias.assign(np.full(16, -50.0))
    generator = np.random.default_rng(0)
    x = {name: generator.normal(size=(9, 6)).astype(np.float32) + 1 for name in ("right", "left")}
    report = tfsparse.convert(model, path, calibration=x)
    shares = {zeros.layer: zeros.share for zeros in report.input_zeros}
    assert shares["out_right"] == 1.0
    expected = keras.Model(model.inputs, model.get_layer("hidden_left").output).predict(x, verbose=0)
    assert shares["out_left"] == pytest.approx(np.mean(expected == 0), abs=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"skip_zeros": True}, r"`calibration` is what `skip_zeros='auto'` goes by.*skip_zeros=True"),
        ({"skip_zeros": False}, r"`calibration` is what `skip_zeros='auto'` goes by.*skip_zeros=False"),
        ({"lowering": "builtin"}, r"`calibration` is about operators of the native library"),
        ({"calibration": images()[..., :2]}, r"Input .*image.* is of the wrong shape.*10, 10, 3.*10, 10, 2"),
        ({"calibration": images(0)}, r"at least one sample"),
        ({"calibration": images().astype(str)}, r"is of the wrong type.*float32"),
    ],
)
def test_calibration_that_does_not_fit_is_refused(options, message, path):
    with pytest.raises(InvalidArgumentError, match=message):
        tfsparse.convert(network(FATReLU(1.0)), path, **{"calibration": images(), **options})
    assert not path.exists()


@pytest.mark.slow
def test_a_network_trained_for_zeros_skips_them_where_they_came(path):
    """The same network with and without a penalty on its activations, on handwritten digits."""
    data = load_digits()
    shares = {}
    for penalty in (0.0, 3e-3):
        keras.utils.set_random_seed(0)
        convolution = {"padding": "same", "activation": "relu", "activity_regularizer": keras.regularizers.L1(penalty)}
        x = keras.Input(data.x_train.shape[1:])
        y = layers.Conv2D(16, 3, name="conv2", **convolution)(layers.Conv2D(16, 3, name="conv1", **convolution)(x))
        model = keras.Model(x, layers.Dense(10, name="logits")(layers.Flatten()(y)))
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(3e-3), loss, metrics=["accuracy"])
        model.fit(data.x_train, data.y_train, epochs=4, batch_size=32, verbose=0)
        assert model.evaluate(data.x_test, data.y_test, verbose=0)[1] > 0.9
        report = tfsparse.convert(model, path, calibration=data.x_test[:64], overwrite=True)
        shares[penalty] = {zeros.layer: zeros.share for zeros in report.input_zeros}
        assert skipping(report) == [layer for layer, share in shares[penalty].items() if share >= BREAK_EVEN]
        assert tfsparse.verify(model, path, data.x_test[:8]).passed
    assert set(shares[0.0]) == {"conv2", "logits"}
    assert min(shares[3e-3].values()) > max(0.7, *shares[0.0].values())
