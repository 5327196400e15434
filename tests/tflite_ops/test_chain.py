# SPDX-License-Identifier: Apache-2.0
"""A chain of operators in real interpreters against NumPy: runtimes, threads, instruction sets, resized inputs."""

from __future__ import annotations

import concurrent.futures

import numpy as np
import pytest

from tests.utils import winner_oracle as oracle
from tests.utils.runtimes import open_interpreter, run
from tests.utils.tflite_builder import ModelBuilder
from tests.utils.winner_models import sample
from tfsparse.ops import MaskWinners, SelectWinners, WinnerConv2D, WinnerFullyConnected

CONV = WinnerConv2D("conv", 1, 1, 1, 1, "same", "none")
DENSE = WinnerFullyConnected("dense", 24, "none", False)


def network() -> tuple[bytes, np.ndarray, np.ndarray]:
    """A chain of all operators with one of the runtime's own in between; its input and what NumPy makes of it."""
    x, kernel, weights = sample(2, 6, 6, 16), sample(24, 3, 3, 16, seed=1), sample(10, 6 * 6 * 24, seed=2)
    model = ModelBuilder()
    source, first = model.input((-1, 6, 6, 16)), model.tensor((-1, 8), np.int32)
    conv, relu, second = model.tensor((-1, 6, 6, 24)), model.tensor((-1, 6, 6, 24)), model.tensor((-1, 6), np.int32)
    masked, logits = model.tensor((-1, 6, 6, 24)), model.tensor((-1, 10))
    model.winner_op(SelectWinners("wta_1", 8, 0.5, "mean", "channel"), [source], [first])
    model.winner_op(CONV, [source, first, model.constant(kernel)], [conv])
    model.relu(conv, relu)
    model.winner_op(SelectWinners("wta_2", 6, 0.25, "max", "channel"), [relu], [second])
    model.winner_op(DENSE, [relu, second, model.constant(weights)], [logits])
    model.winner_op(MaskWinners("mask", "channel"), [relu, second], [masked])

    hidden = np.maximum(oracle.winner_conv2d(CONV, x, oracle.select_winners(x, 8, "mean"), kernel), 0)
    expected = oracle.winner_fully_connected(DENSE, hidden, oracle.select_winners(hidden, 6), weights)
    return model.finish([logits, masked]), x, expected


@pytest.mark.parametrize("runtime", ["ai_edge_litert", "tensorflow"])
@pytest.mark.parametrize("num_threads", [1, 2, 4])
def test_every_runtime_and_thread_count_agrees_with_numpy(runtime: str, num_threads: int) -> None:
    model, x, expected = network()
    y, masked = run(open_interpreter(model, runtime=runtime, num_threads=num_threads), [x])
    np.testing.assert_allclose(y, expected, rtol=1e-3, atol=1e-3)
    assert np.count_nonzero(masked.any(axis=(1, 2)), axis=-1).tolist() == [6, 6]


@pytest.mark.parametrize("isa", ["portable", "neon", "avx2", "avx512"])
def test_every_instruction_set_agrees_with_numpy(isa: str) -> None:
    model, x, expected = network()
    try:
        interpreter = open_interpreter(model, isa=isa)
    except ValueError as error:
        pytest.skip(f"this machine lacks it: {error}")
    np.testing.assert_allclose(run(interpreter, [x])[0], expected, rtol=1e-3, atol=1e-3)


def test_the_batch_can_grow_shrink_and_vanish() -> None:
    model, x, expected = network()
    interpreter = open_interpreter(model)
    for batch in (2, 5, 1, 0, 2):
        repeated = np.resize(x, (batch, *x.shape[1:]))
        y, _ = run(interpreter, [repeated])
        np.testing.assert_allclose(y, np.resize(expected, (batch, 10)), rtol=1e-3, atol=1e-3)


def test_shapes_may_be_known_at_run_time_only() -> None:
    kernel = sample(5, 3, 3, 4, seed=1)
    model = ModelBuilder()
    flat, shape = model.input((-1,)), model.input((4,), np.int32)
    x, winners, y = model.tensor((-1, -1, -1, 4)), model.tensor((-1, 2), np.int32), model.tensor((-1, -1, -1, 5))
    model.reshape(flat, shape, x)
    model.winner_op(SelectWinners("wta", 2, 0.5, "max", "channel"), [x], [winners])
    model.winner_op(CONV, [x, winners, model.constant(kernel)], [y])
    interpreter = open_interpreter(model.finish([y]))
    for size in [(1, 6, 6, 4), (1, 6, 6, 4), (3, 2, 6, 4), (2, 9, 4, 4)]:
        values = sample(*size, seed=size[1])
        (result,) = run(interpreter, [values.reshape(-1), np.array(size, np.int32)])
        expected = oracle.winner_conv2d(CONV, values, oracle.select_winners(values, 2), kernel)
        np.testing.assert_allclose(result, expected, rtol=1e-5, atol=1e-5)


def test_a_second_run_gives_the_same() -> None:
    model, x, _ = network()
    interpreter = open_interpreter(model, num_threads=2)
    first = run(interpreter, [x])
    for _ in range(20):
        for before, now in zip(first, run(interpreter, [x]), strict=True):
            np.testing.assert_array_equal(before, now)


def test_interpreters_in_several_threads_do_not_disturb_each_other() -> None:
    model, x, expected = network()

    def work(seed: int) -> float:
        interpreter = open_interpreter(model, num_threads=1 + seed % 2)
        return max(np.abs(run(interpreter, [x])[0] - expected).max() for _ in range(30))

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        assert max(pool.map(work, range(4))) < 1e-3


def test_every_operator_stays_a_node_of_its_own() -> None:
    model, _, _ = network()
    interpreter = open_interpreter(model)
    interpreter.allocate_tensors()
    names = [op["op_name"] for op in interpreter._get_ops_details()]
    assert sum(name.endswith("SelectWinners") for name in names) >= 2
