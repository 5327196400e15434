# SPDX-License-Identifier: Apache-2.0
"""Every kind of convolution in real interpreters against NumPy: shapes, options, batches, threads, scores."""

from __future__ import annotations

import numpy as np
import pytest

from tests.utils import winner_oracle as oracle
from tests.utils.runtimes import open_interpreter, run
from tests.utils.winner_models import batch_of, compute, sample, winner_model
from tfsparse.ops import WinnerConv2D, WinnerDepthwiseConv2D, WinnerSeparableConv2D

CLOSE = {"rtol": 1e-5, "atol": 1e-5}
NEAR = {"rtol": 1e-4, "atol": 1e-4}
SAME = (1, 1, 1, 1, "same")
ACTIVATIONS = ["none", "relu", "relu6", "relu_n1_to_1"]

WINDOWS = [
    ((7, 7), (3, 3), (1, 1), (1, 1)),
    ((9, 6), (3, 3), (2, 2), (1, 1)),
    ((8, 11), (5, 2), (1, 3), (1, 1)),
    ((9, 9), (3, 3), (1, 1), (2, 1)),
    ((4, 5), (1, 1), (1, 1), (1, 1)),
]
"""Size, kernel, strides and dilations of depthwise convolutions."""


class TestWinnerConv2D:
    @pytest.mark.parametrize("padding", ["same", "valid"])
    @pytest.mark.parametrize(
        ("size", "channels", "outputs", "kernel"),
        [((7, 7), 5, 3, (1, 1)), ((8, 6), 16, 33, (3, 3)), ((5, 9), 24, 8, (5, 2)), ((4, 4), 64, 40, (4, 4))],
    )
    @pytest.mark.parametrize(
        ("strides", "dilations"), [((1, 1), (1, 1)), ((2, 1), (1, 1)), ((2, 3), (1, 1)), ((1, 1), (2, 1))]
    )
    def test_agrees_with_numpy(self, size, channels, outputs, kernel, strides, dilations, padding) -> None:
        reach = [(k - 1) * d + 1 for k, d in zip(kernel, dilations, strict=True)]
        if padding == "valid" and (reach[0] > size[0] or reach[1] > size[1]):
            size = (reach[0] + 1, reach[1] + 1)
        x = sample(2, *size, channels)
        weights, bias = sample(outputs, *kernel, channels, seed=1), sample(outputs, seed=2)
        winners = oracle.select_winners(x, max(1, channels // 3))
        op = WinnerConv2D("conv", *strides, *dilations, padding, "none")
        expected = oracle.winner_conv2d(op, x, winners, weights, bias)
        np.testing.assert_allclose(compute(op, x, winners, weights, bias), expected, **NEAR)

    @pytest.mark.parametrize("activation", ACTIVATIONS)
    @pytest.mark.parametrize("has_bias", [True, False])
    def test_activation_and_bias(self, activation: str, has_bias: bool) -> None:
        x, weights = 3 * sample(1, 5, 5, 8), sample(12, 3, 3, 8, seed=1)
        bias = sample(12, seed=2) if has_bias else None
        winners = oracle.select_winners(x, 4)
        op = WinnerConv2D("conv", *SAME, activation)
        expected = oracle.winner_conv2d(op, x, winners, weights, bias)
        np.testing.assert_allclose(compute(op, x, winners, weights, bias), expected, **CLOSE)

    def test_losers_count_as_zero_whatever_they_hold(self) -> None:
        x, weights = sample(1, 4, 4, 6), sample(3, 3, 3, 6, seed=1)
        winners = np.array([[1, 4, -1]], np.int32)
        x[..., [0, 2, 3, 5]] = np.nan
        op = WinnerConv2D("conv", *SAME, "none")
        expected = oracle.winner_conv2d(op, x, winners, weights)
        np.testing.assert_allclose(compute(op, x, winners, weights), expected, **CLOSE)

    def test_without_a_winner_the_output_is_the_bias(self) -> None:
        x, weights, bias = sample(1, 4, 4, 6), sample(3, 3, 3, 6, seed=1), sample(3, seed=2)
        winners = np.full((1, 2), -1, np.int32)
        y = compute(WinnerConv2D("conv", *SAME, "none"), x, winners, weights, bias)
        np.testing.assert_array_equal(y, np.broadcast_to(bias, y.shape))


class TestWinnerDepthwiseConv2D:
    @pytest.mark.parametrize("padding", ["same", "valid"])
    @pytest.mark.parametrize("channels", [5, 16, 37])
    @pytest.mark.parametrize(("size", "kernel", "strides", "dilations"), WINDOWS)
    def test_agrees_with_numpy(self, size, channels, kernel, strides, dilations, padding) -> None:
        x, weights, bias = sample(2, *size, channels), sample(1, *kernel, channels, seed=1), sample(channels, seed=2)
        winners = oracle.select_winners(x, max(1, channels // 3))
        op = WinnerDepthwiseConv2D("depthwise", *strides, *dilations, padding, "none")
        expected = oracle.winner_depthwise_conv2d(op, x, winners, weights, bias)
        np.testing.assert_allclose(compute(op, x, winners, weights, bias), expected, **CLOSE)

    @pytest.mark.parametrize("activation", ACTIVATIONS)
    @pytest.mark.parametrize("has_bias", [True, False])
    def test_activation_and_bias(self, activation: str, has_bias: bool) -> None:
        x, weights = 3 * sample(1, 5, 5, 8), sample(1, 3, 3, 8, seed=1)
        bias = sample(8, seed=2) if has_bias else None
        winners = oracle.select_winners(x, 4)
        op = WinnerDepthwiseConv2D("depthwise", *SAME, activation)
        expected = oracle.winner_depthwise_conv2d(op, x, winners, weights, bias)
        np.testing.assert_allclose(compute(op, x, winners, weights, bias), expected, **CLOSE)

    def test_losers_give_their_bias_whatever_they_hold(self) -> None:
        x, weights, bias = sample(1, 4, 4, 6), sample(1, 3, 3, 6, seed=1), sample(6, seed=2)
        winners = np.array([[1, 4, -1]], np.int32)
        x[..., [0, 2, 3, 5]] = np.nan
        y = compute(WinnerDepthwiseConv2D("depthwise", *SAME, "relu"), x, winners, weights, bias)
        for loser in (0, 2, 3, 5):
            assert np.unique(y[..., loser]) == max(bias[loser], 0)


class TestWinnerSeparableConv2D:
    @pytest.mark.parametrize("padding", ["same", "valid"])
    @pytest.mark.parametrize(("channels", "outputs"), [(5, 3), (16, 33), (64, 20)])
    @pytest.mark.parametrize(("size", "kernel", "strides", "dilations"), WINDOWS)
    def test_agrees_with_numpy(self, size, channels, outputs, kernel, strides, dilations, padding) -> None:
        x = sample(2, *size, channels)
        filters = sample(1, *kernel, channels, seed=1), sample(outputs, 1, 1, channels, seed=2)
        biases = sample(channels, seed=3), sample(outputs, seed=4)
        winners = oracle.select_winners(x, max(1, channels // 3))
        op = WinnerSeparableConv2D("pair", *strides, *dilations, padding, "relu", "none")
        expected = oracle.winner_separable_conv2d(op, x, winners, *filters, *biases)
        np.testing.assert_allclose(compute(op, x, winners, *filters, *biases), expected, **NEAR)

    @pytest.mark.parametrize("activations", [("none", "relu6"), ("relu6", "none"), ("relu_n1_to_1", "relu")])
    @pytest.mark.parametrize("absent", [(), (2,), (3,), (2, 3)])
    def test_activations_and_biases(self, activations: tuple[str, str], absent: tuple[int, ...]) -> None:
        x = 3 * sample(1, 5, 5, 8)
        constants = [sample(1, 3, 3, 8, seed=1), sample(12, 1, 1, 8, seed=2), sample(8, seed=3), sample(12, seed=4)]
        constants = [None if index in absent else value for index, value in enumerate(constants)]
        winners = oracle.select_winners(x, 4)
        op = WinnerSeparableConv2D("pair", *SAME, *activations)
        expected = oracle.winner_separable_conv2d(op, x, winners, *constants)
        np.testing.assert_allclose(compute(op, x, winners, *constants), expected, **NEAR)


@pytest.fixture
def layer() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Input, winners, depthwise and pointwise filter of a layer that several threads share."""
    x = sample(3, 9, 9, 40)
    return x, oracle.select_winners(x, 20), sample(1, 3, 3, 40, seed=1), sample(50, 1, 1, 40, seed=2)


@pytest.mark.parametrize("isa", ["portable", "avx2", "avx512"])
@pytest.mark.parametrize("num_threads", [1, 3])
class TestBatchesThreadsAndInstructionSets:
    def test_depthwise(self, layer, isa: str, num_threads: int) -> None:
        x, winners, kernel, _ = layer
        op = WinnerDepthwiseConv2D("depthwise", *SAME, "none")
        self._check(op, x, winners, [kernel], oracle.winner_depthwise_conv2d(op, *layer[:3]), isa, num_threads)

    def test_pair(self, layer, isa: str, num_threads: int) -> None:
        x, winners, *kernels = layer
        op = WinnerSeparableConv2D("pair", *SAME, "none", "none")
        self._check(op, x, winners, kernels, oracle.winner_separable_conv2d(op, *layer), isa, num_threads)

    def _check(self, op, x, winners, constants, expected, isa, num_threads) -> None:
        model = winner_model(op, [batch_of(x), batch_of(winners), *constants])
        try:
            interpreter = open_interpreter(model, isa=isa, num_threads=num_threads)
        except ValueError as error:
            pytest.skip(f"this machine lacks it: {error}")
        for batch in (3, 1, 0, 2):
            (y,) = run(interpreter, [x[:batch], winners[:batch]])
            np.testing.assert_allclose(y, expected[:batch], **NEAR)


@pytest.mark.parametrize("num_threads", [1, 2])
class TestScores:
    def test_of_a_convolution(self, layer, num_threads: int) -> None:
        x, winners, _, weights = layer
        self._check(WinnerConv2D("conv", *SAME, "none"), x, winners, [weights], num_threads)

    def test_of_a_pair(self, layer, num_threads: int) -> None:
        x, winners, *kernels = layer
        self._check(WinnerSeparableConv2D("pair", *SAME, "none", "none"), x, winners, kernels, num_threads)

    def _check(self, op, x, winners, constants, num_threads) -> None:
        model = winner_model(op, [batch_of(x), batch_of(winners), *constants], has_scores=True)
        interpreter = open_interpreter(model, num_threads=num_threads)
        for batch in (3, 1, 0, 2):
            y, scores = run(interpreter, [x[:batch], winners[:batch]])
            np.testing.assert_array_equal(scores, np.abs(y).max(axis=(1, 2)))
