# SPDX-License-Identifier: Apache-2.0
"""What a wrong model or a wrong option is told, in real interpreters: a message, never a crash."""

from __future__ import annotations

import pathlib
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import load_delegate

from tests.utils.runtimes import open_interpreter, run
from tests.utils.tflite_builder import ABSENT, ModelBuilder, encode, options_of
from tests.utils.winner_models import Input, winner_model
from tfsparse.ops import (
    MaskWinners,
    SelectWinners,
    WinnerConv2D,
    WinnerDepthwiseConv2D,
    WinnerFullyConnected,
    WinnerOp,
    WinnerSeparableConv2D,
)
from tfsparse.runtime.library import find_library

CONV = WinnerConv2D("conv_1", 1, 1, 1, 1, "same", "none")
DENSE = WinnerFullyConnected("dense_1", 8, "none", False)
DEPTHWISE = WinnerDepthwiseConv2D("depthwise_1", 1, 1, 1, 1, "same", "none")
PAIR = WinnerSeparableConv2D("pair_1", 1, 1, 1, 1, "same", "relu6", "none")
SELECT = SelectWinners("wta_1", 2, 0.25, "max", "channel")
MASK = MaskWinners("mask_1", "channel")


def zeros(*shape: int, dtype: Any = np.float32) -> np.ndarray:
    return np.zeros(shape, dtype)


def prepare(model: bytes) -> None:
    open_interpreter(model).allocate_tensors()


def select(shape: tuple[int, ...] = (1, 4, 4, 8), dtype: Any = np.float32, **options: Any) -> bytes:
    return winner_model(SELECT, [Input(shape, dtype)], **options)


def mask(x: tuple[int, ...] = (1, 4, 4, 8), winners: tuple[int, ...] = (1, 3), dtype: Any = np.int32) -> bytes:
    return winner_model(MASK, [Input(x), Input(winners, dtype)])


def conv(
    x: tuple[int, ...] = (1, 5, 5, 8),
    winners: tuple[int, ...] = (1, 3),
    kernel: tuple[int, ...] = (4, 3, 3, 8),
    bias: tuple[int, ...] | None = None,
    constant: bool = True,
    op: WinnerOp = CONV,
    **options: Any,
) -> bytes:
    inputs = [Input(x), Input(winners, np.int32), zeros(*kernel) if constant else Input(kernel)]
    return winner_model(op, [*inputs, None if bias is None else zeros(*bias)], **options)


def depthwise(kernel: tuple[int, ...] = (1, 3, 3, 8), **changes: Any) -> bytes:
    return conv(kernel=kernel, op=DEPTHWISE, **changes)


def pair(
    kernel: tuple[int, ...] = (1, 3, 3, 8),
    weights: tuple[int, ...] = (4, 1, 1, 8),
    biases: tuple[tuple[int, ...], ...] = ((8,), (4,)),
    constant: bool = True,
    **options: Any,
) -> bytes:
    inputs = [Input((1, 5, 5, 8)), Input((1, 3), np.int32), zeros(*kernel)]
    inputs.append(zeros(*weights) if constant else Input(weights))
    return winner_model(PAIR, [*inputs, *(zeros(*bias) for bias in biases)], **options)


def dense(
    x: tuple[int, ...] = (2, 16),
    winners: tuple[int, ...] | None = (2, 3),
    bias: tuple[int, ...] = (4,),
    **options: Any,
) -> bytes:
    rows = None if winners is None else Input(winners, np.int32)
    return winner_model(DENSE, [Input(x), rows, zeros(4, 16), zeros(*bias)], **options)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (select(dtype=np.int32), "input `x` must be float32. Received: int32"),
        (select(dtype=np.int64), r"input `x` must be float32. Received: int64 \(TfLiteType 4\)"),
        (select(dtype=np.uint8), r"input `x` must be float32. Received: another type \(TfLiteType 3\)"),
        (select(shape=(8,)), r"input `x` must have a batch and at least one more dimension. Received: \[8\]"),
        (select(winners=9), "option `winners` must be at most the number of channels, 8. Received: 9"),
        (select(winners=129, unit="neuron"), "at most the number of neurons of a sample, 128. Received: 129"),
        (select(winners=0), "option `winners` must be an integer from 1"),
        (select(winners="two"), "option `winners` must be present and an integer"),
        (select(score="median"), "option `score` must be one of max, mean. Received: median"),
        (select(unit="pixel"), "option `unit` must be one of channel, neuron. Received: pixel"),
        (select(unit=None), "option `unit` must be present and a string"),
        (select(winner_rate=1.5), "option `winner_rate` must be greater than 0 and at most 1. Received: 1.5"),
        (select(extra=1), "option `extra` is unknown to this op"),
        (select(format=2), "written for a newer tfsparse: this library reads option format 1. Received: 2"),
        (mask(winners=(2, 3)), r"input `winners` must be \[1, k\], k from 1 to 8. Received: \[2, 3\]"),
        (mask(winners=(1, 9)), r"input `winners` must be \[1, k\], k from 1 to 8. Received: \[1, 9\]"),
        (mask(winners=(3,)), r"input `winners` must be \[1, k\], k from 1 to 8. Received: \[3\]"),
        (mask(dtype=np.float32), "input `winners` must be int32. Received: float32"),
        (conv(x=(1, 5, 8)), r"input `x` must be \[batch, height, width, channels\]. Received: \[1, 5, 8\]"),
        (conv(kernel=(4, 3, 3, 7)), r"input `filter` must be \[outputs, height, width, 8\]. Received: \[4, 3, 3, 7\]"),
        (conv(kernel=(4, 8)), r"input `filter` must be \[outputs, height, width, 8\]. Received: \[4, 8\]"),
        (conv(constant=False), "input `filter` must be a constant of the model"),
        (conv(bias=(5,)), r"input `bias` must be \[4\]. Received: \[5\]"),
        (conv(winners=(1, 9)), r"input `winners` must be \[1, k\], k from 1 to 8"),
        (conv(output=np.int32), "the output must be float32. Received: int32"),
        (conv(padding="valid", dilation_h=3), "with its dilation must fit into input `x`"),
        (conv(stride_h=2**31 - 1), "must be at most 1073741824. Received"),
        (conv(dilation_w=2**31 - 1), "must be at most 1073741824. Received"),
        (conv(stride_w=0), "option `stride_w` must be an integer from 1 to 2147483647. Received: 0"),
        (conv(stride_w=2**40), "option `stride_w` must be an integer from 1 to 2147483647. Received: 1099511627776"),
        (
            conv(x=(1, 400, 400, 1), winners=(1, 1), kernel=(1, 300, 300, 1)),
            "must be at most 134217728. Received: 90000",
        ),
        (conv(activation="tanh"), "option `activation` must be one of none, relu, relu6, relu_n1_to_1. Received: tanh"),
        (depthwise(x=(1, 5, 8)), r"input `x` must be \[batch, height, width, channels\]. Received: \[1, 5, 8\]"),
        (depthwise(kernel=(1, 3, 3, 16)), r"must be \[1, height, width, 8\]. Received: \[1, 3, 3, 16\]"),
        (depthwise(kernel=(2, 3, 3, 8)), r"must be \[1, height, width, 8\]. Received: \[2, 3, 3, 8\]"),
        (depthwise(kernel=(3, 8)), r"must be \[1, height, width, 8\]. Received: \[3, 8\]"),
        (depthwise(constant=False), "input `depthwise filter` must be a constant of the model"),
        (depthwise(bias=(7,)), r"input `bias` must be \[8\]. Received: \[7\]"),
        (depthwise(winners=(1, 9)), r"input `winners` must be \[1, k\], k from 1 to 8"),
        (depthwise(padding="valid", dilation_h=3), "with its dilation must fit into input `x`"),
        (depthwise(stride_h=2**31 - 1), "must be at most 1073741824. Received"),
        (depthwise(dilation_w=2**31 - 1), "must be at most 1073741824. Received"),
        (depthwise(dilation_w=2**28), "must be at most 1073741824. Received: 5 "),
        (depthwise(kernel=(1, 0, 3, 8)), "every dimension of input `depthwise filter` must be at least 1"),
        (depthwise(stride_w=0), "option `stride_w` must be an integer from 1 to 2147483647. Received: 0"),
        (depthwise(activation="tanh"), "option `activation` must be one of none, relu, relu6, relu_n1_to_1"),
        (pair(kernel=(1, 3, 3, 4)), r"must be \[1, height, width, 8\]. Received: \[1, 3, 3, 4\]"),
        (pair(weights=(4, 3, 3, 8)), r"input `filter` must be \[outputs, 1, 1, 8\]. Received: \[4, 3, 3, 8\]"),
        (pair(weights=(4, 1, 1, 7)), r"input `filter` must be \[outputs, 1, 1, 8\]. Received: \[4, 1, 1, 7\]"),
        (pair(weights=(4, 8)), r"input `filter` must be \[outputs, 1, 1, 8\]. Received: \[4, 8\]"),
        (pair(constant=False), "input `filter` must be a constant of the model"),
        (pair(biases=((4,), (4,))), r"input `depthwise bias` must be \[8\]. Received: \[4\]"),
        (pair(biases=((8,), (8,))), r"input `bias` must be \[4\]. Received: \[8\]"),
        (pair(biases=((8,), (4,), (4,))), "the op takes 4 to 6 inputs. Received: 7"),
        (pair(depthwise_activation=None), "option `depthwise_activation` must be present and a string"),
        (dense(channels=5), "a multiple of the option `channels` = 5"),
        (dense(x=(2, 15)), r"input `x` must hold a multiple of 2 samples \* 16 inputs. Received: \[2, 15\]"),
        (dense(x=(3, 16)), r"input `x` must hold a multiple of 2 samples \* 16 inputs. Received: \[3, 16\]"),
        (dense(bias=(3,)), r"input `bias` must be \[4\]. Received: \[3\]"),
        (dense(x=(2, 2, 8), keep_num_dims=True), "with `keep_num_dims` the last dimension of input `x` must be 16"),
        (dense(winners=(2,)), r"input `winners` must be \[batch, k\]. Received: \[2\]"),
        (conv(skip_zeros=True), "option `skip_zeros` must be false where the input `winners` is present"),
        (conv(skip_zeros=1), "option `skip_zeros` must be present and a boolean"),
        (dense(skip_zeros=True), "option `skip_zeros` must be false where the input `winners` is present"),
        (dense(x=(2, 15), winners=None), r"input `x` must hold a multiple of 16 inputs. Received: \[2, 15\]"),
        (dense(keep_num_dims="yes"), "option `keep_num_dims` must be present and a boolean"),
    ],
)
def test_a_wrong_model_is_refused_with_the_reason(model: bytes, message: str) -> None:
    with pytest.raises(RuntimeError, match=message):
        prepare(model)


def test_the_message_names_operator_layer_and_node() -> None:
    with pytest.raises(RuntimeError, match=r"TfSparseWinnerConv2D 'conv_1' \(node 0\): "):
        prepare(conv(bias=(5,)))


def test_a_layer_name_that_is_no_text_does_not_break_the_message() -> None:
    good = select(winners=9, layer="layer_name")
    with pytest.raises(RuntimeError, match=r"'la\?er\?name'"):
        prepare(good.replace(b"layer_name", b"la\xffer\nname"))


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_wrong_number_of_inputs_is_refused(count: int) -> None:
    with pytest.raises(RuntimeError, match=f"takes 3 to 4 inputs. Received: {count}"):
        prepare(winner_model(CONV, [Input((1, 5, 5, 8))] * count))


def test_a_missing_input_is_refused() -> None:
    with pytest.raises(RuntimeError, match="input `winners` is missing"):
        prepare(winner_model(MASK, [Input((1, 8)), None]))


def test_a_missing_output_is_refused() -> None:
    model = ModelBuilder()
    x, y = model.input((1, 4, 4, 8)), model.tensor((1, 4, 4, 8))
    model.winner_op(SELECT, [x], [ABSENT])
    model.relu(x, y)
    with pytest.raises(RuntimeError, match="output 0 is missing"):
        prepare(model.finish([y]))


@pytest.mark.parametrize("options", [b"", b"\x00", b"no FlexBuffer", bytes(100)])
def test_options_that_are_no_map_are_refused(options: bytes) -> None:
    model = ModelBuilder()
    x, y = model.input((1, 8)), model.tensor((1, 2), np.int32)
    model.custom(SELECT.NAME, [x], [y], options)
    with pytest.raises(RuntimeError, match="the custom options must be a FlexBuffer map"):
        prepare(model.finish([y]))


def test_an_empty_feature_map_is_refused() -> None:
    with pytest.raises(RuntimeError, match="every dimension of input `x` must be at least 1, but for the batch"):
        run(open_interpreter(select((1, -1, 4, 8))), [zeros(1, 0, 4, 8)])


@pytest.mark.parametrize("row", [[0, 1, 8], [-2, 0, 1], [1, 0, -1], [0, 0, 1], [-1, 0, 1], [2**31 - 1, -1, -1]])
@pytest.mark.parametrize("model", [conv(), mask((1, 5, 5, 8))], ids=["conv", "mask"])
def test_malformed_winners_stop_the_run(model: bytes, row: list[int]) -> None:
    with pytest.raises(RuntimeError, match="input `winners` must hold, in each row, ascending indices"):
        run(open_interpreter(model), [zeros(1, 5, 5, 8), np.array([row], np.int32)])


def test_malformed_winners_stop_a_fully_connected_run() -> None:
    winners = np.array([[0, 1, 2], [0, 1, 8]], np.int32)
    with pytest.raises(RuntimeError, match="input `winners` must hold, in each row, ascending indices"):
        run(open_interpreter(dense()), [zeros(2, 16), winners])


def test_an_interpreter_runs_again_after_an_error() -> None:
    interpreter = open_interpreter(mask((1, 5, 5, 8)))
    x = np.ones((1, 5, 5, 8), np.float32)
    with pytest.raises(RuntimeError, match="winners"):
        run(interpreter, [x, np.array([[0, 1, 8]], np.int32)])
    (y,) = run(interpreter, [x, np.array([[0, 1, 7]], np.int32)])
    assert y.sum() == 75


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"threads": "2"},
            "delegate options are num_threads, isa, kernel, winograd_mib and profile. Received: threads",
        ),
        ({"num_threads": "0"}, "`num_threads` must be an integer from 1 to 1024. Received: 0"),
        ({"num_threads": "two"}, "`num_threads` must be an integer from 1 to 1024. Received: two"),
        ({"num_threads": "2x"}, "`num_threads` must be an integer from 1 to 1024. Received: 2x"),
        ({"num_threads": "99999999999"}, "`num_threads` must be an integer from 1 to 1024"),
        ({"isa": "sse9"}, "delegate option `isa`: .*sse9"),
        ({"profile": ""}, "`profile` must be an id, not empty"),
    ],
)
def test_a_wrong_delegate_option_is_refused_with_the_reason(options: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        load_delegate(str(find_library()), options)


def test_an_unknown_instruction_set_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFSPARSE_ISA", "sse9")
    with pytest.raises(ValueError, match="sse9"):
        load_delegate(str(find_library()))


_RUN_MUTANTS = """
import sys
import numpy as np
from tests.utils.runtimes import open_interpreter, run

good, options = open(sys.argv[1], "rb").read(), open(sys.argv[2], "rb").read()
start = good.index(options)
outcomes = set()
for seed in range(1500):
    random, mutant = np.random.default_rng(seed), bytearray(good)
    for _ in range(random.integers(1, 4)):
        mutant[start + random.integers(0, len(options))] = random.integers(0, 256)
    try:
        run(open_interpreter(bytes(mutant)), [np.ones((1, 5, 5, 8), np.float32), np.array([[0, 1, 7]], np.int32)])
        outcomes.add("ran")
    except (RuntimeError, ValueError):
        outcomes.add("refused")
print(*sorted(outcomes))
"""


@pytest.mark.slow
def test_damaged_options_never_crash_the_process(tmp_path: pathlib.Path) -> None:
    model, options = tmp_path / "good.tflite", tmp_path / "options"
    model.write_bytes(conv())
    options.write_bytes(encode(options_of(CONV)))
    command = [sys.executable, "-c", _RUN_MUTANTS, str(model), str(options)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr[-2000:]
    assert result.stdout.split() == ["ran", "refused"]


def test_an_operator_whose_result_nothing_reads_does_no_harm() -> None:
    model = ModelBuilder()
    x = model.input((1, 4, 4, 8))
    winners, y = model.tensor((1, 2), np.int32), model.tensor((1, 4, 4, 8))
    model.winner_op(SELECT, [x], [winners])
    model.relu(x, y)
    (output,) = run(open_interpreter(model.finish([y])), [np.ones((1, 4, 4, 8), np.float32)])
    np.testing.assert_array_equal(output, 1)
