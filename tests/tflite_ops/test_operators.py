# SPDX-License-Identifier: Apache-2.0
"""Every operator in real interpreters against NumPy: shapes, options, threads, resized inputs."""

from __future__ import annotations

import concurrent.futures

import numpy as np
import pytest

from tests.utils import winner_oracle as oracle
from tests.utils.runtimes import open_interpreter, run
from tests.utils.tflite_builder import ABSENT, ModelBuilder
from tfsparse.ops import (
    MaskWinners,
    SelectWinners,
    WinnerConv2D,
    WinnerDepthwiseConv2D,
    WinnerFullyConnected,
    WinnerSeparableConv2D,
)

CLOSE = {"rtol": 1e-5, "atol": 1e-5}


def sample(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def select_model(shape: tuple[int, ...], winners: int, score: str = "max", unit: str = "channel") -> bytes:
    model = ModelBuilder()
    x, y = model.input((-1, *shape[1:])), model.tensor((-1, winners), np.int32)
    model.winner_op(SelectWinners("wta", winners, 0.5, score, unit), [x], [y])
    return model.finish([y])


def mask_model(shape: tuple[int, ...], winners: int, unit: str = "channel") -> bytes:
    model = ModelBuilder()
    x, chosen, y = model.input((-1, *shape[1:])), model.input((-1, winners), np.int32), model.tensor((-1, *shape[1:]))
    model.winner_op(MaskWinners("mask", unit), [x, chosen], [y])
    return model.finish([y])


def conv_model(
    x: np.ndarray,
    winners: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None,
    strides: tuple[int, int] = (1, 1),
    dilations: tuple[int, int] = (1, 1),
    padding: str = "same",
    activation: str = "none",
    has_scores: bool = False,
) -> bytes:
    model = ModelBuilder()
    inputs = [model.input((-1, *x.shape[1:])), model.input((-1, winners.shape[1]), np.int32), model.constant(kernel)]
    inputs.append(ABSENT if bias is None else model.constant(bias))
    outputs = [model.tensor((-1, 1, 1, len(kernel)))]
    outputs += [model.tensor((-1, len(kernel)))] if has_scores else []
    model.winner_op(WinnerConv2D("conv", *strides, *dilations, padding, activation), inputs, outputs)
    return model.finish(outputs)


def dense_model(
    x: np.ndarray,
    winners: np.ndarray,
    weights: np.ndarray,
    bias: np.ndarray | None,
    channels: int,
    activation: str = "none",
    keep_num_dims: bool = False,
) -> bytes:
    model = ModelBuilder()
    inputs = [model.input((-1, *x.shape[1:])), model.input((-1, winners.shape[1]), np.int32), model.constant(weights)]
    if bias is not None:
        inputs.append(model.constant(bias))
    y = model.tensor((-1, len(weights)))
    model.winner_op(WinnerFullyConnected("dense", channels, activation, keep_num_dims), inputs, [y])
    return model.finish([y])


class TestSelectWinners:
    @pytest.mark.parametrize("shape", [(1, 7), (3, 5), (2, 6, 9), (1, 8, 8, 33), (4, 3, 5, 64), (2, 2, 3, 4, 17)])
    @pytest.mark.parametrize("score", ["max", "mean"])
    def test_channels_agree_with_numpy(self, shape: tuple[int, ...], score: str) -> None:
        x = sample(*shape)
        for winners in sorted({1, shape[-1] // 2, shape[-1]}):
            (y,) = run(open_interpreter(select_model(shape, winners, score)), [x])
            np.testing.assert_array_equal(y, oracle.select_winners(x, winners, score))

    @pytest.mark.parametrize("shape", [(1, 7), (2, 4, 5, 6)])
    def test_neurons_agree_with_numpy(self, shape: tuple[int, ...]) -> None:
        x = sample(*shape)
        count = int(np.prod(shape[1:]))
        for winners in (1, count // 3, count):
            (y,) = run(open_interpreter(select_model(shape, winners, unit="neuron")), [x])
            np.testing.assert_array_equal(y, oracle.select_winners(x, winners, unit="neuron"))

    def test_ties_go_to_the_lower_index(self) -> None:
        (y,) = run(open_interpreter(select_model((1, 6), 3)), [np.array([[1, 2, -2, 2, 2, 1]], np.float32)])
        assert y.tolist() == [[1, 2, 3]]

    def test_zero_scores_do_not_win(self) -> None:
        (y,) = run(open_interpreter(select_model((1, 5), 4)), [np.array([[0, 3, 0, -1, 0]], np.float32)])
        assert y.tolist() == [[1, 3, -1, -1]]

    def test_a_nan_wins(self) -> None:
        (y,) = run(open_interpreter(select_model((1, 4), 2)), [np.array([[9, np.nan, np.inf, 1]], np.float32)])
        assert y.tolist() == [[1, 2]]


class TestMaskWinners:
    @pytest.mark.parametrize("unit", ["channel", "neuron"])
    @pytest.mark.parametrize("shape", [(1, 9), (2, 5, 7), (3, 4, 5, 18)])
    def test_agrees_with_numpy(self, shape: tuple[int, ...], unit: str) -> None:
        x = sample(*shape)
        winners = oracle.select_winners(x, 4, unit=unit)
        (y,) = run(open_interpreter(mask_model(shape, 4, unit)), [x, winners])
        np.testing.assert_array_equal(y, oracle.mask_winners(x, winners, unit))

    def test_losers_become_zero_whatever_they_hold(self) -> None:
        x = np.array([[np.nan, 1, np.inf, 2]], np.float32)
        (y,) = run(open_interpreter(mask_model((1, 4), 2)), [x, np.array([[1, 3]], np.int32)])
        assert y.tolist() == [[0, 1, 0, 2]]


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
        x, weights, bias = (
            sample(2, *size, channels),
            sample(outputs, *kernel, channels, seed=1),
            sample(outputs, seed=2),
        )
        winners = oracle.select_winners(x, max(1, channels // 3))
        model = conv_model(x, winners, weights, bias, strides, dilations, padding)
        (y,) = run(open_interpreter(model), [x, winners])
        expected = oracle.winner_conv2d(
            x, winners, weights, bias, strides=strides, dilations=dilations, padding=padding
        )
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)

    @pytest.mark.parametrize("activation", ["none", "relu", "relu6", "relu_n1_to_1"])
    @pytest.mark.parametrize("has_bias", [True, False])
    def test_activation_and_bias(self, activation: str, has_bias: bool) -> None:
        x, weights = 3 * sample(1, 5, 5, 8), sample(12, 3, 3, 8, seed=1)
        bias = sample(12, seed=2) if has_bias else None
        winners = oracle.select_winners(x, 4)
        (y,) = run(open_interpreter(conv_model(x, winners, weights, bias, activation=activation)), [x, winners])
        np.testing.assert_allclose(y, oracle.winner_conv2d(x, winners, weights, bias, activation=activation), **CLOSE)

    def test_losers_count_as_zero_whatever_they_hold(self) -> None:
        x, weights = sample(1, 4, 4, 6), sample(3, 3, 3, 6, seed=1)
        winners = np.array([[1, 4, -1]], np.int32)
        x[..., [0, 2, 3, 5]] = np.nan
        (y,) = run(open_interpreter(conv_model(x, winners, weights, None)), [x, winners])
        np.testing.assert_allclose(y, oracle.winner_conv2d(x, winners, weights, None), **CLOSE)

    def test_without_a_winner_the_output_is_the_bias(self) -> None:
        x, weights, bias = sample(1, 4, 4, 6), sample(3, 3, 3, 6, seed=1), sample(3, seed=2)
        winners = np.full((1, 2), -1, np.int32)
        (y,) = run(open_interpreter(conv_model(x, winners, weights, bias)), [x, winners])
        np.testing.assert_array_equal(y, np.broadcast_to(bias, y.shape))


def depthwise_model(
    x: np.ndarray, winners: np.ndarray, kernel: np.ndarray, bias: np.ndarray | None, op: WinnerDepthwiseConv2D
) -> bytes:
    model = ModelBuilder()
    inputs = [model.input((-1, *x.shape[1:])), model.input((-1, winners.shape[1]), np.int32), model.constant(kernel)]
    inputs += [] if bias is None else [model.constant(bias)]
    y = model.tensor((-1, 1, 1, x.shape[-1]))
    model.winner_op(op, inputs, [y])
    return model.finish([y])


def separable_model(
    x: np.ndarray,
    winners: np.ndarray,
    constants: list[np.ndarray | None],
    op: WinnerSeparableConv2D,
    has_scores: bool = False,
) -> bytes:
    """`constants` are both filters and both biases."""
    model = ModelBuilder()
    inputs = [model.input((-1, *x.shape[1:])), model.input((-1, winners.shape[1]), np.int32)]
    inputs += [ABSENT if value is None else model.constant(value) for value in constants]
    outputs = [model.tensor((-1, 1, 1, len(constants[1])))]
    outputs += [model.tensor((-1, len(constants[1])))] if has_scores else []
    model.winner_op(op, inputs, outputs)
    return model.finish(outputs)


WINDOWS = [
    ((7, 7), (3, 3), (1, 1), (1, 1)),
    ((9, 6), (3, 3), (2, 2), (1, 1)),
    ((8, 11), (5, 2), (1, 3), (1, 1)),
    ((9, 9), (3, 3), (1, 1), (2, 1)),
    ((4, 5), (1, 1), (1, 1), (1, 1)),
]
"""Size, kernel, strides and dilations of depthwise convolutions."""


class TestWinnerDepthwiseConv2D:
    @pytest.mark.parametrize("padding", ["same", "valid"])
    @pytest.mark.parametrize("channels", [5, 16, 37])
    @pytest.mark.parametrize(("size", "kernel", "strides", "dilations"), WINDOWS)
    def test_agrees_with_numpy(self, size, channels, kernel, strides, dilations, padding) -> None:
        x, weights, bias = sample(2, *size, channels), sample(1, *kernel, channels, seed=1), sample(channels, seed=2)
        winners = oracle.select_winners(x, max(1, channels // 3))
        op = WinnerDepthwiseConv2D("depthwise", *strides, *dilations, padding, "none")
        (y,) = run(open_interpreter(depthwise_model(x, winners, weights, bias, op)), [x, winners])
        expected = oracle.winner_depthwise_conv2d(
            x, winners, weights, bias, strides=strides, dilations=dilations, padding=padding
        )
        np.testing.assert_allclose(y, expected, **CLOSE)

    @pytest.mark.parametrize("activation", ["none", "relu", "relu6", "relu_n1_to_1"])
    @pytest.mark.parametrize("has_bias", [True, False])
    def test_activation_and_bias(self, activation: str, has_bias: bool) -> None:
        x, weights = 3 * sample(1, 5, 5, 8), sample(1, 3, 3, 8, seed=1)
        bias = sample(8, seed=2) if has_bias else None
        winners = oracle.select_winners(x, 4)
        op = WinnerDepthwiseConv2D("depthwise", 1, 1, 1, 1, "same", activation)
        (y,) = run(open_interpreter(depthwise_model(x, winners, weights, bias, op)), [x, winners])
        expected = oracle.winner_depthwise_conv2d(x, winners, weights, bias, activation=activation)
        np.testing.assert_allclose(y, expected, **CLOSE)

    def test_losers_give_their_bias_whatever_they_hold(self) -> None:
        x, weights, bias = sample(1, 4, 4, 6), sample(1, 3, 3, 6, seed=1), sample(6, seed=2)
        winners = np.array([[1, 4, -1]], np.int32)
        x[..., [0, 2, 3, 5]] = np.nan
        op = WinnerDepthwiseConv2D("depthwise", 1, 1, 1, 1, "same", "relu")
        (y,) = run(open_interpreter(depthwise_model(x, winners, weights, bias, op)), [x, winners])
        for loser in (0, 2, 3, 5):
            assert np.unique(y[..., loser]) == max(bias[loser], 0)


class TestWinnerSeparableConv2D:
    @pytest.mark.parametrize("padding", ["same", "valid"])
    @pytest.mark.parametrize(("channels", "outputs"), [(5, 3), (16, 33), (64, 20)])
    @pytest.mark.parametrize(("size", "kernel", "strides", "dilations"), WINDOWS)
    def test_agrees_with_numpy(self, size, channels, outputs, kernel, strides, dilations, padding) -> None:
        x = sample(2, *size, channels)
        constants = [
            sample(1, *kernel, channels, seed=1), sample(outputs, 1, 1, channels, seed=2), sample(channels, seed=3),
            sample(outputs, seed=4),
        ]  # fmt: skip
        winners = oracle.select_winners(x, max(1, channels // 3))
        op = WinnerSeparableConv2D("pair", *strides, *dilations, padding, "relu", "none")
        (y,) = run(open_interpreter(separable_model(x, winners, constants, op)), [x, winners])
        between = oracle.winner_depthwise_conv2d(
            x, winners, constants[0], constants[2],
            strides=strides, dilations=dilations, padding=padding, activation="relu",
        )  # fmt: skip
        everyone = np.tile(np.arange(channels, dtype=np.int32), (2, 1))
        expected = oracle.winner_conv2d(between, everyone, constants[1], constants[3])
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)

    @pytest.mark.parametrize("activations", [("none", "relu6"), ("relu6", "none"), ("relu_n1_to_1", "relu")])
    @pytest.mark.parametrize("absent", [(), (2,), (3,), (2, 3)])
    def test_activations_and_biases(self, activations: tuple[str, str], absent: tuple[int, ...]) -> None:
        x = 3 * sample(1, 5, 5, 8)
        constants = [sample(1, 3, 3, 8, seed=1), sample(12, 1, 1, 8, seed=2), sample(8, seed=3), sample(12, seed=4)]
        constants = [None if index in absent else value for index, value in enumerate(constants)]
        winners = oracle.select_winners(x, 4)
        op = WinnerSeparableConv2D("pair", 1, 1, 1, 1, "same", *activations)
        (y,) = run(open_interpreter(separable_model(x, winners, constants, op)), [x, winners])
        between = oracle.winner_depthwise_conv2d(x, winners, constants[0], constants[2], activation=activations[0])
        everyone = np.arange(8, dtype=np.int32)[None]
        expected = oracle.winner_conv2d(between, everyone, constants[1], constants[3], activation=activations[1])
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)

    @pytest.mark.parametrize("op", ["depthwise", "pair"])
    @pytest.mark.parametrize("isa", ["portable", "avx2", "avx512"])
    @pytest.mark.parametrize("num_threads", [1, 3])
    def test_batches_threads_and_instruction_sets(self, op: str, isa: str, num_threads: int) -> None:
        x, kernel, weights = sample(3, 9, 9, 40), sample(1, 3, 3, 40, seed=1), sample(50, 1, 1, 40, seed=2)
        winners = oracle.select_winners(x, 20)
        between = oracle.winner_depthwise_conv2d(x, winners, kernel, None)
        if op == "pair":
            settings = WinnerSeparableConv2D("pair", 1, 1, 1, 1, "same", "none", "none")
            model, expected = separable_model(x, winners, [kernel, weights], settings), between @ weights[:, 0, 0].T
        else:
            settings = WinnerDepthwiseConv2D("depthwise", 1, 1, 1, 1, "same", "none")
            model, expected = depthwise_model(x, winners, kernel, None, settings), between
        try:
            interpreter = open_interpreter(model, isa=isa, num_threads=num_threads)
        except ValueError as error:
            pytest.skip(f"this machine lacks it: {error}")
        for batch in (3, 1, 0, 2):
            (y,) = run(interpreter, [x[:batch], winners[:batch]])
            np.testing.assert_allclose(y, expected[:batch], rtol=1e-4, atol=1e-4)


class TestScores:
    @pytest.mark.parametrize("num_threads", [1, 2])
    @pytest.mark.parametrize("op", ["convolution", "pair"])
    def test_are_the_highest_magnitudes_of_the_output(self, op: str, num_threads: int) -> None:
        x, kernel, weights = sample(3, 9, 9, 40), sample(1, 3, 3, 40, seed=1), sample(50, 1, 1, 40, seed=2)
        winners = oracle.select_winners(x, 20)
        if op == "pair":
            settings = WinnerSeparableConv2D("pair", 1, 1, 1, 1, "same", "none", "none")
            model = separable_model(x, winners, [kernel, weights], settings, has_scores=True)
        else:
            model = conv_model(x, winners, weights, None, has_scores=True)
        interpreter = open_interpreter(model, num_threads=num_threads)
        for batch in (3, 1, 0, 2):
            y, scores = run(interpreter, [x[:batch], winners[:batch]])
            np.testing.assert_array_equal(scores, np.abs(y).max(axis=(1, 2)))


class TestWinnerFullyConnected:
    @pytest.mark.parametrize("activation", ["none", "relu", "relu6", "relu_n1_to_1"])
    @pytest.mark.parametrize("has_bias", [True, False])
    @pytest.mark.parametrize(("channels", "taps", "outputs"), [(10, 1, 7), (16, 9, 33), (64, 4, 100)])
    def test_agrees_with_numpy(self, channels: int, taps: int, outputs: int, has_bias: bool, activation: str) -> None:
        x, weights = sample(3, taps * channels), sample(outputs, taps * channels, seed=1)
        bias = sample(outputs, seed=2) if has_bias else None
        winners = oracle.select_winners(x.reshape(3, taps, channels), channels // 2)
        (y,) = run(open_interpreter(dense_model(x, winners, weights, bias, channels, activation)), [x, winners])
        expected = oracle.winner_fully_connected(x, winners, weights, bias, channels=channels, activation=activation)
        np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-4)

    @pytest.mark.parametrize("keep_num_dims", [True, False])
    def test_rows_of_a_sample_share_its_winners(self, keep_num_dims: bool) -> None:
        x, weights = sample(2, 5, 12), sample(8, 12, seed=1)
        winners = oracle.select_winners(x, 5)
        model = dense_model(x, winners, weights, None, 12, keep_num_dims=keep_num_dims)
        (y,) = run(open_interpreter(model), [x, winners])
        expected = oracle.winner_fully_connected(x, winners, weights, None, channels=12)
        assert y.shape == ((2, 5, 8) if keep_num_dims else (10, 8))
        np.testing.assert_allclose(y.reshape(10, 8), expected, **CLOSE)


def network() -> tuple[bytes, np.ndarray, np.ndarray]:
    """A chain of all operators with one of the runtime's own in between; its input and what NumPy makes of it."""
    x, kernel, weights = sample(2, 6, 6, 16), sample(24, 3, 3, 16, seed=1), sample(10, 6 * 6 * 24, seed=2)
    model = ModelBuilder()
    source, first = model.input((-1, 6, 6, 16)), model.tensor((-1, 8), np.int32)
    conv, relu, second = model.tensor((-1, 6, 6, 24)), model.tensor((-1, 6, 6, 24)), model.tensor((-1, 6), np.int32)
    masked, logits = model.tensor((-1, 6, 6, 24)), model.tensor((-1, 10))
    model.winner_op(SelectWinners("wta_1", 8, 0.5, "mean", "channel"), [source], [first])
    model.winner_op(WinnerConv2D("conv", 1, 1, 1, 1, "same", "none"), [source, first, model.constant(kernel)], [conv])
    model.relu(conv, relu)
    model.winner_op(SelectWinners("wta_2", 6, 0.25, "max", "channel"), [relu], [second])
    model.winner_op(WinnerFullyConnected("dense", 24, "none", False), [relu, second, model.constant(weights)], [logits])
    model.winner_op(MaskWinners("mask", "channel"), [relu, second], [masked])

    chosen = oracle.select_winners(x, 8, "mean")
    hidden = np.maximum(oracle.winner_conv2d(x, chosen, kernel, None), 0)
    expected = oracle.winner_fully_connected(hidden, oracle.select_winners(hidden, 6), weights, None, channels=24)
    return model.finish([logits, masked]), x, expected


class TestNetwork:
    @pytest.mark.parametrize("runtime", ["ai_edge_litert", "tensorflow"])
    @pytest.mark.parametrize("num_threads", [1, 2, 4])
    def test_every_runtime_and_thread_count_agrees_with_numpy(self, runtime: str, num_threads: int) -> None:
        model, x, expected = network()
        y, masked = run(open_interpreter(model, runtime=runtime, num_threads=num_threads), [x])
        np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-3)
        assert np.count_nonzero(masked.any(axis=(1, 2)), axis=-1).tolist() == [6, 6]

    @pytest.mark.parametrize("isa", ["portable", "neon", "avx2", "avx512"])
    def test_every_instruction_set_agrees_with_numpy(self, isa: str) -> None:
        model, x, expected = network()
        try:
            interpreter = open_interpreter(model, isa=isa)
        except ValueError as error:
            pytest.skip(f"this machine lacks it: {error}")
        np.testing.assert_allclose(run(interpreter, [x])[0], expected, rtol=1e-3, atol=1e-3)

    def test_the_batch_can_grow_shrink_and_vanish(self) -> None:
        model, x, expected = network()
        interpreter = open_interpreter(model)
        for batch in (2, 5, 1, 0, 2):
            repeated = np.resize(x, (batch, *x.shape[1:]))
            y, _ = run(interpreter, [repeated])
            np.testing.assert_allclose(y, np.resize(expected, (batch, 10)), rtol=1e-3, atol=1e-3)

    def test_shapes_may_be_known_at_run_time_only(self) -> None:
        kernel = sample(5, 3, 3, 4, seed=1)
        model = ModelBuilder()
        flat, shape = model.input((-1,)), model.input((4,), np.int32)
        x, winners, y = model.tensor((-1, -1, -1, 4)), model.tensor((-1, 2), np.int32), model.tensor((-1, -1, -1, 5))
        model.reshape(flat, shape, x)
        model.winner_op(SelectWinners("wta", 2, 0.5, "max", "channel"), [x], [winners])
        model.winner_op(WinnerConv2D("conv", 1, 1, 1, 1, "same", "none"), [x, winners, model.constant(kernel)], [y])
        interpreter = open_interpreter(model.finish([y]))
        for size in [(1, 6, 6, 4), (1, 6, 6, 4), (3, 2, 6, 4), (2, 9, 4, 4)]:
            values = sample(*size, seed=size[1])
            (result,) = run(interpreter, [values.reshape(-1), np.array(size, np.int32)])
            expected = oracle.winner_conv2d(values, oracle.select_winners(values, 2), kernel, None)
            np.testing.assert_allclose(result, expected, **CLOSE)

    def test_a_second_run_gives_the_same(self) -> None:
        model, x, _ = network()
        interpreter = open_interpreter(model, num_threads=2)
        first = run(interpreter, [x])
        for _ in range(20):
            for before, now in zip(first, run(interpreter, [x]), strict=True):
                np.testing.assert_array_equal(before, now)

    def test_interpreters_in_several_threads_do_not_disturb_each_other(self) -> None:
        model, x, expected = network()

        def work(seed: int) -> float:
            interpreter = open_interpreter(model, num_threads=1 + seed % 2)
            return max(np.abs(run(interpreter, [x])[0] - expected).max() for _ in range(30))

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            assert max(pool.map(work, range(4))) < 1e-3

    def test_every_operator_stays_a_node_of_its_own(self) -> None:
        model, _, _ = network()
        interpreter = open_interpreter(model)
        interpreter.allocate_tensors()
        names = [op["op_name"] for op in interpreter._get_ops_details()]
        assert sum(name.endswith("SelectWinners") for name in names) >= 2
