# SPDX-License-Identifier: Apache-2.0
"""The operators that select winners, mask losers and multiply matrices, in real interpreters against NumPy."""

from __future__ import annotations

import numpy as np
import pytest

from tests.utils import winner_oracle as oracle
from tests.utils.runtimes import open_interpreter, run
from tests.utils.tflite_builder import ABSENT, ModelBuilder
from tests.utils.winner_models import batch_of, compute, sample, winner_model
from tfsparse.ops import MaskWinners, Probe, SelectWinners, WinnerFullyConnected


def select(x: np.ndarray, winners: int, score: str = "max", unit: str = "channel") -> np.ndarray:
    (y,) = run(open_interpreter(winner_model(SelectWinners("wta", winners, 0.5, score, unit), [batch_of(x)])), [x])
    return y


class TestSelectWinners:
    @pytest.mark.parametrize("shape", [(1, 7), (3, 5), (2, 6, 9), (1, 8, 8, 33), (4, 3, 5, 64), (2, 2, 3, 4, 17)])
    @pytest.mark.parametrize("score", ["max", "mean"])
    def test_channels_agree_with_numpy(self, shape: tuple[int, ...], score: str) -> None:
        x = sample(*shape)
        for winners in sorted({1, shape[-1] // 2, shape[-1]}):
            np.testing.assert_array_equal(select(x, winners, score), oracle.select_winners(x, winners, score))

    @pytest.mark.parametrize("shape", [(1, 7), (2, 4, 5, 6)])
    def test_neurons_agree_with_numpy(self, shape: tuple[int, ...]) -> None:
        x = sample(*shape)
        count = int(np.prod(shape[1:]))
        for winners in (1, count // 3, count):
            expected = oracle.select_winners(x, winners, unit="neuron")
            np.testing.assert_array_equal(select(x, winners, unit="neuron"), expected)

    def test_ties_go_to_the_lower_index(self) -> None:
        assert select(np.array([[1, 2, -2, 2, 2, 1]], np.float32), 3).tolist() == [[1, 2, 3]]

    def test_zero_scores_do_not_win(self) -> None:
        assert select(np.array([[0, 3, 0, -1, 0]], np.float32), 4).tolist() == [[1, 3, -1, -1]]

    def test_a_nan_wins(self) -> None:
        assert select(np.array([[9, np.nan, np.inf, 1]], np.float32), 2).tolist() == [[1, 2]]


class TestMaskWinners:
    @pytest.mark.parametrize("unit", ["channel", "neuron"])
    @pytest.mark.parametrize("shape", [(1, 9), (2, 5, 7), (3, 4, 5, 18)])
    def test_agrees_with_numpy(self, shape: tuple[int, ...], unit: str) -> None:
        x = sample(*shape)
        winners = oracle.select_winners(x, 4, unit=unit)
        y = compute(MaskWinners("mask", unit), x, winners)
        np.testing.assert_array_equal(y, oracle.mask_winners(x, winners, unit))

    def test_losers_become_zero_whatever_they_hold(self) -> None:
        x = np.array([[np.nan, 1, np.inf, 2]], np.float32)
        y = compute(MaskWinners("mask", "channel"), x, np.array([[1, 3]], np.int32))
        assert y.tolist() == [[0, 1, 0, 2]]


class TestWinnerFullyConnected:
    @pytest.mark.parametrize("activation", ["none", "relu", "relu6", "relu_n1_to_1"])
    @pytest.mark.parametrize("has_bias", [True, False])
    @pytest.mark.parametrize(("channels", "taps", "outputs"), [(10, 1, 7), (16, 9, 33), (64, 4, 100)])
    def test_agrees_with_numpy(self, channels: int, taps: int, outputs: int, has_bias: bool, activation: str) -> None:
        x, weights = sample(3, taps * channels), sample(outputs, taps * channels, seed=1)
        bias = sample(outputs, seed=2) if has_bias else None
        winners = oracle.select_winners(x.reshape(3, taps, channels), channels // 2)
        op = WinnerFullyConnected("dense", channels, activation, False)
        expected = oracle.winner_fully_connected(op, x, winners, weights, bias)
        np.testing.assert_allclose(compute(op, x, winners, weights, bias), expected, rtol=1e-4, atol=1e-4)

    def test_a_bias_may_be_missing_altogether(self) -> None:
        x, weights = sample(3, 10), sample(7, 10, seed=1)
        winners = oracle.select_winners(x, 5)
        op = WinnerFullyConnected("dense", 10, "none", False)
        expected = oracle.winner_fully_connected(op, x, winners, weights)
        np.testing.assert_allclose(compute(op, x, winners, weights), expected, rtol=1e-4, atol=1e-4)

    @pytest.mark.parametrize("keep_num_dims", [True, False])
    def test_rows_of_a_sample_share_its_winners(self, keep_num_dims: bool) -> None:
        x, weights = sample(2, 5, 12), sample(8, 12, seed=1)
        winners = oracle.select_winners(x, 5)
        op = WinnerFullyConnected("dense", 12, "none", keep_num_dims)
        y = compute(op, x, winners, weights)
        assert y.shape == ((2, 5, 8) if keep_num_dims else (10, 8))
        expected = oracle.winner_fully_connected(op, x, winners, weights)
        np.testing.assert_allclose(y.reshape(10, 8), expected, rtol=1e-5, atol=1e-5)


def probe(inputs: list[np.ndarray], read: list[int], order: tuple[int, ...] = (0, 1)) -> list[np.ndarray]:
    """The read ones of the outputs of a probe (two tensors and a clock), and its first input after it has run."""
    model = ModelBuilder()
    tensors = [model.input((-1,)), model.input((-1,))]
    computed = [model.tensor((1,)), model.tensor((1,))]
    for source, target in zip(tensors, computed, strict=True):
        model.relu(source, target)
    outputs = [model.tensor((1,)), model.tensor((1,)), model.tensor((1,), np.int64)]
    model.winner_op(Probe("", ""), [*(computed[i] for i in order), ABSENT], outputs)
    after = model.tensor((1,))
    model.relu(computed[0], after)
    return run(open_interpreter(model.finish([*(outputs[i] for i in read), after])), inputs)


class TestProbe:
    def test_an_output_that_nothing_reads_is_left_out(self) -> None:
        x, y = sample(4), sample(3)
        first, after = probe([x, y], [0])  # not even the clock
        np.testing.assert_array_equal(first, np.maximum(x, 0))
        np.testing.assert_array_equal(after, np.maximum(x, 0))

    def test_an_empty_tensor_does_not_keep_the_others_from_passing(self) -> None:
        y = sample(3)
        first, second, clock, _ = probe([np.zeros(0, np.float32), y], [0, 1, 2])
        assert first.shape == (0,)
        np.testing.assert_array_equal(second, np.maximum(y, 0))
        assert clock[0] > 0

    @pytest.mark.parametrize(("read", "order"), [([1, 2], (0, 1)), ([0, 1, 2], (1, 0))])
    def test_tensors_that_the_runtime_would_pair_otherwise_are_refused(
        self, read: list[int], order: tuple[int, ...]
    ) -> None:
        with pytest.raises(RuntimeError, match="first input and the first output must be the ones of the lowest index"):
            probe([sample(4), sample(4)], read, order)

    def test_tensors_of_any_type_pass_unchanged_and_the_clock_goes_on(self) -> None:
        model = ModelBuilder()
        tensors = [model.input((-1, 5)), model.input((2, 3), np.int64), model.input((4,), np.int32)]
        dtypes = [np.float32, np.int64, np.int32]
        first = [*(model.tensor((1,), dtype) for dtype in dtypes), model.tensor((1,), np.int64)]
        second = [*(model.tensor((1,), dtype) for dtype in dtypes), model.tensor((1,), np.int64)]
        model.winner_op(Probe("", ""), [*tensors, ABSENT], first)
        model.winner_op(Probe("layer", "OPERATOR"), first, second)
        inputs = [sample(7, 5), np.arange(6).reshape(2, 3), np.arange(4, dtype=np.int32)]
        *passed, start, end = run(open_interpreter(model.finish([*second[:3], first[3], second[3]])), inputs)
        for got, given in zip(passed, inputs, strict=True):
            np.testing.assert_array_equal(got, given)
        assert 0 < start[0] <= end[0]
