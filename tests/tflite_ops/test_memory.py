# SPDX-License-Identifier: Apache-2.0
"""A fused operator holds its weights as they lie in the file, and packed: once more, or four times if transformed."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from tests.utils.tflite_builder import ModelBuilder
from tfsparse.ops import SelectWinners, WinnerConv2D, WinnerFullyConnected
from tfsparse.runtime.library import find_library

pytestmark = pytest.mark.skipif(not pathlib.Path("/proc/self/status").exists(), reason="reads Linux's /proc")

MEBIBYTE = 2**20
RUN = """
import json, pathlib, re, sys
import numpy as np
from ai_edge_litert.interpreter import Interpreter, load_delegate

def run(path):
    interpreter = Interpreter(path, experimental_delegates=[load_delegate(sys.argv[1])], num_threads=1)
    interpreter.allocate_tensors()
    for detail in interpreter.get_input_details():
        interpreter.set_tensor(detail["index"], np.ones(detail["shape"], np.float32))
    interpreter.invoke()
    return interpreter

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]) * 1024

run(sys.argv[2])
before = peak()
kept = run(sys.argv[3])
print(json.dumps(peak() - before))
"""


def winner_conv(kernel: str, channels: int, size: int) -> tuple[bytes, int, int]:
    """A model of one convolution, the bytes of its weights, and those of its activations."""
    builder, k = ModelBuilder(), channels // 2
    x = builder.input([1, size, size, channels])
    winners, y = builder.tensor([1, k], np.int32), builder.tensor([1, size, size, channels])
    weights = np.ones((channels, 3, 3, channels), np.float32)
    builder.winner_op(SelectWinners("conv", k, 0.5, "max", "channel"), [x], [winners])
    conv = WinnerConv2D("conv", 1, 1, 1, 1, "same", "relu", kernel)
    builder.winner_op(conv, [x, winners, builder.constant(weights), -1], [y])
    return builder.finish([y]), weights.nbytes, 2 * size * size * channels * 4


def winner_fully_connected(inputs: int, outputs: int) -> tuple[bytes, int, int]:
    builder, k = ModelBuilder(), inputs // 5
    x = builder.input([1, inputs])
    winners, y = builder.tensor([1, k], np.int32), builder.tensor([1, outputs])
    weights = np.ones((outputs, inputs), np.float32)
    builder.winner_op(SelectWinners("fc", k, 0.2, "max", "neuron"), [x], [winners])
    fc = WinnerFullyConnected("fc", inputs, "relu", False)
    builder.winner_op(fc, [x, winners, builder.constant(weights), -1], [y])
    return builder.finish([y]), weights.nbytes, (inputs + outputs) * 4


@pytest.mark.parametrize(
    ("make", "small", "large"),
    [
        (winner_conv, ("direct", 8, 8), ("direct", 1024, 7)),
        (winner_conv, ("direct", 8, 8), ("direct", 256, 56)),
        (winner_fully_connected, (8, 8), (9216, 4096)),
    ],
)
def test_peak_memory_is_twice_the_weights_and_the_activations(make, small, large, tmp_path):
    peak, weights, activations = _measure(make, small, large, tmp_path)
    assert peak > weights  # the packed copy at least, or nothing was measured
    # A panel of winners' weights lies in the second-level cache; the interpreter itself takes a little, too, and the
    # kernel counts a process's pages by batches.
    assert peak <= 2 * weights + activations + 2.5 * MEBIBYTE


@pytest.mark.parametrize("size", [14, 56])
def test_transformed_weights_take_four_times_their_size(size, tmp_path):
    peak, weights, activations = _measure(winner_conv, ("auto", 8, 8), ("auto", 512, size), tmp_path)
    assert peak > 2 * weights
    # Tiles overlap: a transformed activation takes at most four times its size, and a pass at most 2 MiB.
    assert peak <= 5 * weights + 2 * activations + 4 * MEBIBYTE


def _measure(make, small, large, tmp_path) -> tuple[int, int, int]:
    """Growth of the process by the large model, the bytes of its weights, and those of its activations."""
    (tmp_path / "small.tflite").write_bytes(make(*small)[0])
    model, weights, activations = make(*large)
    (tmp_path / "large.tflite").write_bytes(model)
    command = [sys.executable, "-c", RUN, str(find_library()), tmp_path / "small.tflite", tmp_path / "large.tflite"]
    peak = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return peak, weights, activations
