# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from keras import ops

from tfsparse.layers.winner_mask import FEW, winner_mask

TIED = st.sampled_from([0.0, 0.0, 1.0, 2.0, 2.5, np.inf, np.nan])
ANY = st.floats(width=32, min_value=0.0, allow_subnormal=False, allow_infinity=False, max_value=2.0**100)


def oracle(scores: np.ndarray, winners: int) -> np.ndarray:
    keys = np.where(np.isnan(scores), 2.0, np.where(np.isinf(scores), 1.0, scores.astype("float64") / 1e39))
    order = np.argsort(-keys, axis=-1, kind="stable")
    mask = np.zeros(scores.shape, bool)
    np.put_along_axis(mask, order[:, :winners], True, axis=-1)
    return mask


def marked(scores: np.ndarray, winners: int) -> np.ndarray:
    return ops.convert_to_numpy(winner_mask(ops.convert_to_tensor(scores), winners))


@settings(max_examples=25)
@given(st.data())
def test_winners_are_those_of_a_stable_sort(data):
    shape = data.draw(st.sampled_from([(8, 1), (8, 7), (8, 40)]))  # few, because JAX compiles for each
    scores = data.draw(npst.arrays("float32", shape, elements=data.draw(st.sampled_from([TIED, ANY]))))
    winners = data.draw(st.integers(1, shape[1]))
    np.testing.assert_array_equal(marked(scores, winners), oracle(scores, winners))


@pytest.mark.parametrize("kind", ["even", "heavy tail", "half zeros", "two values", "constant"])
@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.99])
def test_winners_of_long_rows(kind, share):
    rng = np.random.default_rng(0)
    normal = rng.normal(size=(16, 3136))
    scores = {
        "even": np.abs(normal),
        "heavy tail": np.exp(8 * normal).clip(1e-37, 1e37),
        "half zeros": np.maximum(normal, 0),
        "two values": (normal > 0) + 1.0,
        "constant": np.full_like(normal, 0.1),
    }[kind].astype("float32")
    winners = max(1, int(share * scores.shape[1]))
    np.testing.assert_array_equal(marked(scores, winners), oracle(scores, winners))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_winners_in_half_precision(dtype):
    scores = ops.cast(np.abs(np.random.default_rng(0).normal(size=(8, 500))), dtype)  # many ties
    wide = ops.convert_to_numpy(ops.cast(scores, "float32"))
    np.testing.assert_array_equal(ops.convert_to_numpy(winner_mask(scores, 100)), oracle(wide, 100))


def test_neighbouring_floats_are_told_apart():
    low = np.float32(1.0)
    scores = np.full((1, 4 * FEW), low)
    scores[0, -3:] = np.nextafter(low, np.float32(2.0))
    np.testing.assert_array_equal(marked(scores, 2)[0].nonzero()[0], [4 * FEW - 3, 4 * FEW - 2])


def test_nan_ranks_above_infinity_and_infinity_above_numbers():
    scores = np.array([[1e30, np.inf, np.nan, 5.0]], "float32")
    assert marked(scores, 1)[0].tolist() == [False, False, True, False]
    assert marked(scores, 2)[0].tolist() == [False, True, True, False]
    assert marked(scores, 3)[0].tolist() == [True, True, True, False]


def test_every_unit_wins_when_there_are_as_many_seats():
    assert marked(np.zeros((2, 5), "float32"), 5).all()
