# SPDX-License-Identifier: Apache-2.0
"""The delegate as a whole: its profile, its threads, its life, and the oldest runtime that it serves."""

from __future__ import annotations

import gc
import os
import pathlib
import subprocess
import threading
import time
import uuid

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter, load_delegate

from tests.utils import winner_oracle as oracle
from tests.utils.runtimes import open_interpreter, run
from tests.utils.tflite_builder import ModelBuilder
from tfsparse.ops import MaskWinners, SelectWinners, WinnerConv2D
from tfsparse.runtime.library import find_library, load_library

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
KERNEL = np.random.default_rng(1).standard_normal((24, 3, 3, 16)).astype(np.float32)
X = np.random.default_rng(0).standard_normal((1, 12, 12, 16)).astype(np.float32)
CONV = WinnerConv2D('conv "1"', 1, 1, 1, 1, "same", "relu")


def small_network() -> bytes:
    model = ModelBuilder()
    x, winners, masked = model.input((-1, 12, 12, 16)), model.tensor((-1, 5), np.int32), model.tensor((-1, 12, 12, 16))
    y = model.tensor((-1, 12, 12, 24))
    model.winner_op(SelectWinners("wta", 5, 0.3, "max", "channel"), [x], [winners])
    model.winner_op(CONV, [x, winners, model.constant(KERNEL)], [y])
    model.winner_op(MaskWinners("mask", "channel"), [x, winners], [masked])
    return model.finish([y, masked])


def expected() -> np.ndarray:
    return oracle.winner_conv2d(CONV, X, oracle.select_winners(X, 5), KERNEL)


@pytest.fixture
def profile_id() -> str:
    return uuid.uuid4().hex


def open_litert(num_threads: int, delegate_threads: str | None = None) -> Interpreter:
    options = {"num_threads": delegate_threads} if delegate_threads else {}
    delegate = load_delegate(str(find_library()), options)
    return Interpreter(model_content=small_network(), num_threads=num_threads, experimental_delegates=[delegate])


def count_threads() -> int:
    return len(os.listdir("/proc/self/task"))


class TestProfile:
    def test_lists_every_node_with_the_phases_it_went_through(self, profile_id: str) -> None:
        interpreter = open_interpreter(small_network(), profile=profile_id)
        for _ in range(3):
            run(interpreter, [X])
        select, conv, mask = load_library().profile(profile_id)
        assert [node["node"] for node in (select, conv, mask)] == [0, 1, 2]
        assert [node["layer"] for node in (select, conv, mask)] == ["wta", 'conv "1"', "mask"]
        assert [node["calls"] for node in (select, conv, mask)] == [3, 3, 3]
        assert conv["op"] == "TfSparseWinnerConv2D"
        assert {phase for phase, time in select["phases"].items() if time > 0} == {"rank", "select"}
        assert {"gemm"} <= {phase for phase, time in conv["phases"].items() if time > 0} <= {"gather", "gemm"}
        assert {phase for phase, time in mask["phases"].items() if time > 0} == {"mask"}

    def test_the_phases_add_up_to_less_than_the_time_that_passed(self, profile_id: str) -> None:
        interpreter = open_interpreter(small_network(), profile=profile_id)
        start = time.perf_counter_ns()
        for _ in range(10):
            run(interpreter, [X])
        elapsed = time.perf_counter_ns() - start
        total = sum(sum(node["phases"].values()) for node in load_library().profile(profile_id))
        assert 0 < total < elapsed

    def test_starts_from_zero_after_a_reset(self, profile_id: str) -> None:
        interpreter = open_interpreter(small_network(), profile=profile_id)
        run(interpreter, [X])
        load_library().reset_profile(profile_id)
        assert {node["calls"] for node in load_library().profile(profile_id)} == {0}
        run(interpreter, [X])
        assert {node["calls"] for node in load_library().profile(profile_id)} == {1}

    def test_is_unknown_without_the_option_and_after_the_delegate(self, profile_id: str) -> None:
        library = load_library()
        plain = open_interpreter(small_network())
        run(plain, [X])
        assert library.profile(profile_id) == []
        interpreter = open_interpreter(small_network(), profile=profile_id)
        run(interpreter, [X])
        assert len(library.profile(profile_id)) == 3
        del interpreter
        gc.collect()
        assert library.profile(profile_id) == []

    def test_two_interpreters_can_share_an_id(self, profile_id: str) -> None:
        interpreters = [open_interpreter(small_network(), profile=profile_id) for _ in range(2)]
        for interpreter in interpreters:
            run(interpreter, [X])
        assert len(load_library().profile(profile_id)) == 6


class TestThreads:
    def test_the_option_counts_more_than_the_recommendation(self) -> None:
        before = count_threads()
        interpreter = open_litert(num_threads=1, delegate_threads="4")
        assert count_threads() == before + 3
        del interpreter
        gc.collect()
        assert count_threads() == before

    def test_the_recommendation_is_the_default(self) -> None:
        before = count_threads()
        interpreter = open_litert(num_threads=1)
        assert count_threads() == before
        del interpreter

    def test_a_delegate_can_serve_several_interpreters_at_once(self) -> None:
        delegate = load_delegate(str(find_library()), {"num_threads": "2"})
        model, errors = small_network(), []

        def work() -> None:
            interpreter = Interpreter(model_content=model, experimental_delegates=[delegate])
            for _ in range(30):
                errors.append(np.abs(run(interpreter, [X])[0] - expected()).max())

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(errors) == 90
        assert max(errors) < 1e-4


def test_interpreters_come_and_go_without_leaking() -> None:
    def resident() -> int:
        return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    model = small_network()
    for round_ in range(300):
        if round_ == 100:
            gc.collect()
            before = resident()
        run(open_interpreter(model), [X])
    gc.collect()
    assert resident() - before < 8 << 20


_OLD_RUNTIME = """
import sys
import numpy as np
from tflite_runtime.interpreter import Interpreter, load_delegate

model, library, x, y = sys.argv[1:]
interpreter = Interpreter(model_path=model, experimental_delegates=[load_delegate(library)])
interpreter.allocate_tensors()
interpreter.set_tensor(interpreter.get_input_details()[0]["index"], np.load(x))
interpreter.invoke()
np.save(y, interpreter.get_tensor(interpreter.get_output_details()[0]["index"]))
"""


def test_tflite_runtime_runs_the_operators(tmp_path: pathlib.Path, tflite_runtime_python: str) -> None:
    model, x, y = tmp_path / "model.tflite", tmp_path / "x.npy", tmp_path / "y.npy"
    model.write_bytes(small_network())
    np.save(x, X)
    command = [tflite_runtime_python, "-c", _OLD_RUNTIME, str(model), str(find_library().resolve()), str(x), str(y)]
    subprocess.run(command, check=True, cwd=tmp_path)
    np.testing.assert_allclose(np.load(y), expected(), rtol=1e-4, atol=1e-4)
