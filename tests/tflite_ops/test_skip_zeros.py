# SPDX-License-Identifier: Apache-2.0
"""Operators without winners, which skip the zeros of their input, in real interpreters against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.utils import winner_oracle as oracle
from tests.utils.runtimes import open_interpreter, run
from tests.utils.winner_models import Input, batch_of, compute, sample, winner_model
from tfsparse.ops import WinnerConv2D, WinnerFullyConnected

CLOSE = {"rtol": 1e-4, "atol": 1e-4}
DENSITIES = [0.0, 0.05, 0.3, 0.6, 1.0]


CONV = WinnerConv2D("conv", 1, 1, 1, 1, "same", "relu", skip_zeros=True)


def dense(inputs: int, keep_num_dims: bool = False, skip_zeros: bool = True) -> WinnerFullyConnected:
    return WinnerFullyConnected("dense", inputs, "none", keep_num_dims, skip_zeros)


@pytest.mark.parametrize("skip_zeros", [True, False])
@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize(("stride", "threads"), [(1, 1), (2, 1), (1, 3)])
def test_a_convolution_agrees_with_numpy(density: float, stride: int, threads: int, skip_zeros: bool) -> None:
    x, kernel = sample(2, 9, 7, 20, density=density), sample(70, 3, 3, 20, seed=1)
    op = WinnerConv2D("conv", stride, stride, 1, 1, "same", "relu", skip_zeros=skip_zeros)
    (y,) = run(open_interpreter(winner_model(op, [batch_of(x), None, kernel]), num_threads=threads), [x])
    expected = oracle.winner_conv2d(op, x, None, kernel)
    np.testing.assert_allclose(y, expected, **CLOSE)


@pytest.mark.parametrize("skip_zeros", [True, False])
@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize(
    ("shape", "keep_num_dims", "result"),
    [
        ((1, 48), False, (1, 30)),
        ((3, 48), False, (3, 30)),
        ((9, 48), False, (9, 30)),
        ((2, 5, 48), True, (2, 5, 30)),
        ((2, 5, 48), False, (10, 30)),
        ((2, 4, 4, 3), False, (2, 30)),  # as if flattened
        ((6, 16), False, (2, 30)),  # three rows make a sample
    ],
)
def test_a_dense_layer_agrees_with_numpy(shape, keep_num_dims, result, density: float, skip_zeros: bool) -> None:
    x, weights = sample(*shape, density=density), sample(30, 48, seed=1)
    y = compute(dense(48, keep_num_dims, skip_zeros), x, None, weights)
    assert y.shape == result
    np.testing.assert_allclose(y.reshape(-1, 30), x.reshape(-1, 48) @ weights.T, **CLOSE)


@pytest.mark.parametrize("isa", ["portable", "neon", "avx2", "avx512"])
def test_every_instruction_set_agrees_with_numpy(isa: str) -> None:
    x, kernel = sample(1, 12, 10, 150, density=0.2), sample(40, 3, 3, 150, seed=1)
    try:
        interpreter = open_interpreter(winner_model(CONV, [batch_of(x), None, kernel]), isa=isa)
    except ValueError as error:
        pytest.skip(f"this machine lacks it: {error}")
    expected = oracle.winner_conv2d(CONV, x, None, kernel)
    np.testing.assert_allclose(run(interpreter, [x])[0], expected, **CLOSE)


def test_zeros_never_meet_their_weights_but_nan_does() -> None:
    x, kernel = sample(1, 6, 6, 64, density=0.2), sample(96, 1, 1, 64, seed=1)
    x[..., 2] = 0
    kernel[..., 2] = np.inf
    finite = kernel.copy()
    finite[..., 2] = 0
    expected = oracle.winner_conv2d(CONV, x, None, finite)
    np.testing.assert_allclose(compute(CONV, x, None, kernel), expected, **CLOSE)
    x[0, 3, 3, 5] = np.nan
    y = compute(CONV, x, None, kernel)
    assert np.argwhere(np.isnan(y).all(axis=-1)).tolist() == [[0, 3, 3]]


def test_the_batch_can_grow_shrink_and_vanish() -> None:
    weights = sample(64, 48, seed=1)
    interpreter = open_interpreter(winner_model(dense(48), [Input((-1, 48)), None, weights]))
    for batch in (1, 6, 2, 0, 7, 3):
        x = sample(batch, 48, density=0.3, seed=batch)
        np.testing.assert_allclose(run(interpreter, [x])[0], x @ weights.T, **CLOSE)


def test_every_run_looks_at_its_own_zeros() -> None:
    shape, kernel = (1, 8, 8, 32), sample(16, 3, 3, 32, seed=1)
    interpreter = open_interpreter(winner_model(CONV, [Input(shape), None, kernel]))
    for density in (1.0, 0.1, 0.9, 0.0):
        x = sample(*shape, density=density, seed=5)
        expected = oracle.winner_conv2d(CONV, x, None, kernel)
        np.testing.assert_allclose(run(interpreter, [x])[0], expected, **CLOSE)
