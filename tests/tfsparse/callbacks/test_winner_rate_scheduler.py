# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv

import keras
import numpy as np
import pytest
from keras import layers

from tests.utils.layer_test import JIT
from tests.utils.tfmot import sparsity_module
from tfsparse.callbacks import WinnerRateScheduler
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import WTADropout
from tfsparse.schedules import PolynomialDecay

X = np.random.default_rng(0).normal(size=(32, 4, 4, 8)).astype("float32")


@pytest.fixture
def model():
    inner = keras.Sequential([keras.Input((4, 4, 8)), WTADropout(0.9, name="wta")], name="inner")
    inputs = keras.Input((4, 4, 8))
    x = layers.Flatten()(inner(inputs))
    x = layers.Dense(2)(WTADropout(0.9, name="wta_fc")(layers.Dense(8, name="fc")(x)))
    model = keras.Model(inputs, x)
    model.compile("sgd", "mse")
    return model


def fit(model, schedule, *more, epochs=3, **options):
    scheduler = WinnerRateScheduler(schedule, **options)
    y = np.zeros((32, 2))
    return model.fit(X, y, epochs=epochs, batch_size=8, verbose=0, callbacks=[scheduler, *more]).history


def test_rates_follow_the_epoch_and_are_logged(model, tmp_path):
    history = fit(model, lambda epoch: 1.0 - 0.25 * epoch, keras.callbacks.CSVLogger(tmp_path / "log.csv"))
    assert history["winner_rate/inner/wta"] == history["winner_rate/wta_fc"] == [1.0, 0.75, 0.5]
    with open(tmp_path / "log.csv") as file:
        assert [float(row["winner_rate/wta_fc"]) for row in csv.DictReader(file)] == [1.0, 0.75, 0.5]


@pytest.mark.parametrize("jit", JIT)
def test_new_rate_counts_in_the_compiled_step(jit):
    identity = layers.Dense(8, use_bias=False, kernel_initializer="identity")
    model = keras.Sequential([keras.Input((8,)), WTADropout(1.0), identity])
    model.compile(keras.optimizers.SGD(0.0), "mae", jit_compile=jit)
    scheduler = WinnerRateScheduler(lambda epoch: (8 - epoch) / 8)
    x = np.ones((4, 8), "float32")
    losses = model.fit(x, 0 * x, epochs=4, verbose=0, callbacks=[scheduler]).history["loss"]
    assert losses == pytest.approx([1.0, 7 / 8, 6 / 8, 5 / 8])


def test_rates_follow_the_updates(model):
    seen = []
    record = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(record.model.get_layer("wta_fc").winner_rate)
    )
    fit(model, lambda step: (10 - step) / 10, record, epochs=2, update_freq="batch")
    assert seen == [1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3]


def test_schedules_give_sparsity(model):
    history = fit(model, PolynomialDecay(0.0, 0.5, begin_step=0, end_step=2, power=1))
    assert history["winner_rate/wta_fc"] == [1.0, 0.75, 0.5]


def test_schedules_without_an_update_leave_the_rate(model):
    history = fit(model, lambda epoch: (epoch == 1, 0.5))
    assert history["winner_rate/wta_fc"] == [0.9, 0.5, 0.5]


def test_schedules_of_tfmot_work(model):
    schedule = sparsity_module().PolynomialDecay(0.0, 0.5, begin_step=0, end_step=8, frequency=4, power=1)
    history = fit(model, schedule, epochs=3, update_freq="batch")
    assert history["winner_rate/wta_fc"] == [1.0, 0.75, 0.5]


def test_schedules_by_layer(model):
    history = fit(model, {"inner/*": lambda epoch: 0.25, "wta*": lambda epoch: 0.5}, epochs=1)
    assert history["winner_rate/inner/wta"] == [0.25]
    assert history["winner_rate/wta_fc"] == [0.5]


def test_resumed_training_goes_on_at_its_epoch(model):
    scheduler = WinnerRateScheduler(lambda epoch: 1.0 - 0.25 * epoch)
    history = model.fit(X, np.zeros((32, 2)), initial_epoch=2, epochs=3, verbose=0, callbacks=[scheduler]).history
    assert history["winner_rate/wta_fc"] == [0.5]


def test_refuses_an_unknown_frequency():
    with pytest.raises(InvalidArgumentError, match=r"Unknown `update_freq`.*'epoch' or 'batch'.*step"):
        WinnerRateScheduler(lambda epoch: 0.5, update_freq="step")


def test_refuses_what_is_no_function():
    with pytest.raises(InvalidArgumentError, match=r"schedule for 'wta' is no function.*0\.5"):
        WinnerRateScheduler({"wta": 0.5})


def test_refuses_a_name_that_no_layer_has(model):
    with pytest.raises(InvalidArgumentError, match=r"No WTADropout layer is named 'fc'.*inner/wta, wta_fc"):
        fit(model, {"fc": lambda epoch: 0.5})


def test_refuses_a_model_without_such_layers():
    plain = keras.Sequential([keras.Input((4, 4, 8)), layers.Flatten(), layers.Dense(2)])
    plain.compile("sgd", "mse")
    with pytest.raises(InvalidArgumentError, match="a model with WTADropout layers"):
        fit(plain, lambda epoch: 0.5)


@pytest.mark.parametrize("rate", [0.0, 1.5, float("nan"), None])
def test_refuses_a_rate_out_of_range(model, rate):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `schedule\(0\)`.*\(0, 1\]"):
        fit(model, lambda epoch: rate)
