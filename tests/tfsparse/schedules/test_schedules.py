# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import pytest

from tests.utils.tfmot import sparsity_module
from tfsparse.errors import InvalidArgumentError
from tfsparse.schedules import ConstantSparsity, PolynomialDecay

STEPS = range(0, 260)
CONSTANT = {"target_sparsity": 0.7, "begin_step": 20, "end_step": 110, "frequency": 7}
DECAY = {
    "initial_sparsity": 0.1,
    "final_sparsity": 0.9,
    "begin_step": 20,
    "end_step": 220,
    "power": 3,
    "frequency": 10,
}
SCHEDULES = [ConstantSparsity(**CONSTANT), PolynomialDecay(**DECAY), PolynomialDecay(0.5, 0.2, 3, 7)]


@pytest.mark.parametrize(
    ("cls", "arguments"),
    [
        (ConstantSparsity, CONSTANT),
        (ConstantSparsity, CONSTANT | {"end_step": -1}),
        (ConstantSparsity, {"target_sparsity": 0.5, "begin_step": 0}),
        (PolynomialDecay, DECAY),
        (PolynomialDecay, DECAY | {"frequency": 33, "power": 1}),
        (PolynomialDecay, DECAY | {"initial_sparsity": 0.9, "final_sparsity": 0.1}),
    ],
)
def test_equals_tfmot(cls, arguments):
    theirs = getattr(sparsity_module(), cls.__name__)(**arguments)
    ours = cls(**arguments)
    for step in STEPS:
        should_update, sparsity = theirs(step)
        assert ours(step)[0] == bool(should_update), step
        assert ours(step)[1] == pytest.approx(float(sparsity), abs=1e-6), step


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_returns_python_numbers(schedule):
    should_update, sparsity = schedule(50)
    assert isinstance(should_update, bool)
    assert isinstance(sparsity, float)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_round_trip(schedule):
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert restored.get_config() == schedule.get_config()
    assert [restored(step) for step in STEPS] == [schedule(step) for step in STEPS]


@pytest.mark.parametrize("length", [0, 1, 7, 99, 100, 101, 1234])
def test_decay_without_frequency_ends_at_its_final_value_after_about_a_hundred_updates(length):
    schedule = PolynomialDecay(0.1, 0.8, begin_step=5, end_step=5 + length)
    updates = [step for step in range(2000) if schedule(step)[0]]
    assert updates[-1] == 5 + length
    assert schedule(updates[-1]) == (True, 0.8)
    assert min(100, length) <= len(updates) <= 200


def test_decay_of_no_length_is_final_at_once():
    assert PolynomialDecay(0.1, 0.8, begin_step=5, end_step=5)(5) == (True, 0.8)


@pytest.mark.parametrize("begin_step", [-1, 1.5, "0", True])
def test_refuses_a_bad_begin_step(begin_step):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `begin_step`.*integer, 0 or more"):
        ConstantSparsity(0.5, begin_step)


@pytest.mark.parametrize("end_step", [-2, 9, 11.5])
def test_refuses_a_bad_end_step(end_step):
    with pytest.raises(InvalidArgumentError, match="Invalid `end_step`"):
        ConstantSparsity(0.5, begin_step=10, end_step=end_step)


def test_decay_needs_an_end():
    with pytest.raises(InvalidArgumentError, match="Invalid `end_step`"):
        PolynomialDecay(0.0, 0.5, begin_step=0, end_step=-1)


@pytest.mark.parametrize("frequency", [0, -1, 0.5])
def test_refuses_a_bad_frequency(frequency):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `frequency`.*integer, 1 or more"):
        ConstantSparsity(0.5, 0, frequency=frequency)


@pytest.mark.parametrize("sparsity", [-0.1, 1.0, float("nan"), "much", None])
def test_refuses_a_bad_sparsity(sparsity):
    with pytest.raises(InvalidArgumentError, match=r"Invalid `target_sparsity`.*\[0, 1\)"):
        ConstantSparsity(sparsity, 0)
    with pytest.raises(InvalidArgumentError, match="Invalid `initial_sparsity`"):
        PolynomialDecay(sparsity, 0.5, 0, 10)
    with pytest.raises(InvalidArgumentError, match="Invalid `final_sparsity`"):
        PolynomialDecay(0.5, sparsity, 0, 10)


@pytest.mark.parametrize("power", [0, -1, float("nan")])
def test_refuses_a_bad_power(power):
    with pytest.raises(InvalidArgumentError, match="Invalid `power`"):
        PolynomialDecay(0.0, 0.5, 0, 10, power=power)
