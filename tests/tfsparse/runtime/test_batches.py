# SPDX-License-Identifier: Apache-2.0
"""Cutting into batches and joining again changes nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfsparse.errors import InvalidArgumentError
from tfsparse.runtime import batches


def detail(signature, name="x", index=0, dtype=np.float32):
    return {"name": name, "index": index, "shape_signature": np.array(signature), "dtype": dtype}


@given(samples=st.integers(1, 100), size=st.one_of(st.just(-1), st.integers(1, 40)))
def test_joined_batches_are_the_samples(samples, size):
    x = np.arange(samples * 2, dtype=np.float32).reshape(samples, 2)
    details = [detail([size, 2])]
    plan = batches.plan([x], details)
    parts = list(batches.split([x], plan))
    assert all(len(part[0]) == size for part in parts) or size == -1
    assert all(len(part[0]) <= batches.OPEN_BATCH for part in parts) or size != -1 or samples <= batches.OPEN_BATCH
    np.testing.assert_array_equal(batches.join(parts, plan)[0], x)


def test_inputs_by_tensor_and_by_signature_name_are_the_same():
    details = [detail([-1, 2], "serving_a:0", 7), detail([-1, 3], "serving_b:0", 9)]
    a, b = np.zeros((4, 2)), np.ones((4, 3))
    for given_inputs in ({"serving_b:0": b, "serving_a:0": a}, {"b": b, "a": a}, [a, b]):
        first, second = batches.named_inputs(given_inputs, details, {"a": 7, "b": 9})
        assert first.shape == (4, 2)
        assert second.shape == (4, 3)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((2, 3)), r"wrong shape. Expected: \[samples, 2\].*Received: \[2, 3\]"),
        (np.zeros((0, 2)), "at least one sample"),
        (np.zeros(2), "wrong shape"),
        (np.zeros((1, 2), complex), "wrong type. Expected: float32. Received: complex128"),
        (np.array([["a", "b"]]), "wrong type"),
        ({"y": np.zeros((1, 2))}, "not named as in the model"),
        ({}, "not named as in the model"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(x, message):
    with pytest.raises(InvalidArgumentError, match=message):
        batches.named_inputs(x, [detail([-1, 2])], {})


def test_a_wrong_number_of_inputs_is_refused():
    details = [detail([-1, 2], "a", 0), detail([-1, 2], "b", 1)]
    with pytest.raises(InvalidArgumentError, match=r"Wrong number of inputs. Expected: 2 \(a, b\). Received: 1"):
        batches.named_inputs([np.zeros((1, 2))], details, {})


def test_floats_do_not_become_integers():
    with pytest.raises(InvalidArgumentError, match=r"Expected: int8. Received: float64"):
        batches.named_inputs(np.zeros((1, 2)), [detail([-1, 2], dtype=np.int8)], {})


def test_inputs_of_different_lengths_are_refused():
    details = [detail([-1, 2], "a"), detail([-1, 2], "b")]
    with pytest.raises(InvalidArgumentError, match=r"do not form batches.*a: 2, b: 3"):
        batches.plan([np.zeros((2, 2)), np.zeros((3, 2))], details)


def test_an_output_without_batch_axis_cannot_be_joined():
    plan = batches.BatchPlan(samples=3, size=2, fill=True)
    with pytest.raises(InvalidArgumentError, match=r"no batch axis"):
        batches.join([[np.zeros(5)], [np.zeros(5)]], plan)
