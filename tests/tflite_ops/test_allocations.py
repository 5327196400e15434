# SPDX-License-Identifier: Apache-2.0
"""Once an interpreter is prepared and warm, running it allocates nothing in the library, whatever the operator."""

from __future__ import annotations

import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys

import numpy as np
import pytest

from tests.utils.winner_models import Input, winner_model
from tfsparse.ops import (
    MaskWinners,
    Probe,
    SelectWinners,
    WinnerConv2D,
    WinnerDepthwiseConv2D,
    WinnerFullyConnected,
    WinnerOp,
    WinnerSeparableConv2D,
)
from tfsparse.runtime.library import find_library

COMPILER = os.environ.get("CXX", "g++")
COUNTER = pathlib.Path(__file__).resolve().parents[1] / "utils" / "allocation_counter.cc"

pytestmark = [
    pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="counts the allocations of glibc"),
    pytest.mark.skipif(shutil.which(COMPILER) is None, reason="needs a C++ compiler"),
]

RUN = """
import ctypes, json, pathlib, sys
import numpy as np
from ai_edge_litert.interpreter import Interpreter, load_delegate

counter, library, threads, *models = sys.argv[1:]
counter = ctypes.CDLL(counter)
counter.watch_allocations.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
counter.count_allocations.restype = ctypes.c_int64

def watch_library():
    maps = [line.split() for line in pathlib.Path("/proc/self/maps").read_text().splitlines()]
    ranges = [[int(end, 16) for end in line[0].split("-")] for line in maps if line[-1] == library]
    counter.watch_allocations(min(begin for begin, _ in ranges), max(end for _, end in ranges))

def fill(interpreter, share):
    random = np.random.default_rng(0)
    for detail in interpreter.get_input_details():
        shape = detail["shape"]
        x = random.standard_normal(shape) * (random.random(shape) < share)
        winners = np.tile(np.arange(shape[1]), (shape[0], 1))
        value = x if detail["dtype"] == np.float32 else winners
        interpreter.set_tensor(detail["index"], value.astype(detail["dtype"]))

def measure(path):
    options = {"num_threads": threads}
    if "winograd" in path:
        options["kernel"] = "winograd_4x4"
    delegate = load_delegate(library, options)
    watch_library()
    before = counter.count_allocations()
    interpreter = Interpreter(path, experimental_delegates=[delegate])
    interpreter.allocate_tensors()
    fill(interpreter, 1.0)
    interpreter.invoke()
    warm = counter.count_allocations()
    for share in (1.0, 0.2):
        fill(interpreter, share)
        interpreter.invoke()
    return warm - before, counter.count_allocations() - warm

print(json.dumps({pathlib.Path(path).stem: measure(path) for path in models}))
"""


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal(shape).astype(np.float32)


WINDOW = (1, 1, 1, 1, "same", "relu")
MAP, WINNERS = Input((2, 12, 12, 64)), Input((2, 20), np.int32)
FILTER, POINTWISE, DEPTHWISE = random(80, 3, 3, 64), random(80, 1, 1, 64), random(1, 3, 3, 64)
ROWS, WEIGHTS = Input((2, 9, 64)), random(80, 64)

CASES: dict[str, tuple] = {
    "select_max": (SelectWinners("", 20, 0.5, "max", "channel"), MAP),
    "select_mean": (SelectWinners("", 20, 0.5, "mean", "channel"), MAP),
    "select_neurons": (SelectWinners("", 20, 0.5, "max", "neuron"), MAP),
    "mask_channels": (MaskWinners("", "channel"), MAP, WINNERS),
    "mask_neurons": (MaskWinners("", "neuron"), MAP, WINNERS),
    "conv_direct": (WinnerConv2D("", *WINDOW, "direct"), MAP, WINNERS, FILTER),
    "conv_pointwise": (WinnerConv2D("", *WINDOW), MAP, WINNERS, POINTWISE),
    "conv_all_channels": (WinnerConv2D("", *WINDOW), MAP, None, FILTER),
    "conv_winograd": (WinnerConv2D("", *WINDOW), MAP, WINNERS, FILTER),
    "conv_zero_skip": (WinnerConv2D("", *WINDOW, "auto", True), MAP, None, FILTER),
    "depthwise": (WinnerDepthwiseConv2D("", *WINDOW), MAP, WINNERS, DEPTHWISE),
    "probe": (Probe("", ""), MAP, None),
    "pair": (WinnerSeparableConv2D("", *WINDOW, "none"), MAP, WINNERS, DEPTHWISE, POINTWISE, None, None),
    "fully_connected": (
        WinnerFullyConnected("", 64, "relu", False), Input((2, 9 * 64)), WINNERS, random(80, 9 * 64),
    ),
    "fully_connected_rows": (WinnerFullyConnected("", 64, "relu", True), ROWS, WINNERS, WEIGHTS),
    "fully_connected_zero_skip": (WinnerFullyConnected("", 64, "relu", True, True), ROWS, None, WEIGHTS),
}  # fmt: skip
"""Operators and their inputs."""


def model_of(op: WinnerOp, *inputs: Input | np.ndarray | None) -> bytes:
    return winner_model(op, inputs, has_scores=isinstance(op, (WinnerConv2D, WinnerSeparableConv2D)))


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    library = tmp_path_factory.mktemp("counter") / "liballocation_counter.so"
    command = [COMPILER, "-std=c++17", "-O1", "-shared", "-fPIC", "-fno-builtin", str(COUNTER), "-o", str(library)]
    subprocess.run(command, check=True)
    return library


@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_warm_interpreter_allocates_nothing(counter: pathlib.Path, tmp_path: pathlib.Path, threads: str) -> None:
    paths = {name: tmp_path / f"{name}.tflite" for name in CASES}
    for name, case in CASES.items():
        paths[name].write_bytes(model_of(*case))
    command = [
        sys.executable,
        "-c",
        RUN,
        str(counter),
        str(find_library().resolve()),
        threads,
        *map(str, paths.values()),
    ]
    environment = {**os.environ, "LD_PRELOAD": str(counter)}
    result = subprocess.run(command, env=environment, capture_output=True, check=False, text=True)
    assert result.returncode == 0, result.stderr
    allocations = json.loads(result.stdout)
    assert {name for name, (until_warm, _) in allocations.items() if until_warm > 0} == set(CASES)  # they are counted
    assert {name: later for name, (_, later) in allocations.items() if later != 0} == {}
