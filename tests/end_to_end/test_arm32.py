# SPDX-License-Identifier: Apache-2.0
"""The delegate in tflite-runtime for 32-bit Arm, under emulation."""

from __future__ import annotations

import json
import pathlib
import subprocess

import numpy as np
import pytest

import tfsparse
from tests.utils.winner_models import batch_of, sample, winner_model
from tests.utils.wirings import build
from tfsparse.ops import SelectWinners

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
NETWORKS = ("plain", "flatten_channels", "dense_stack", "residual_add")

# One process for all: most of its time is the start of Python.
PREDICT = """
import json, pathlib, sys
import numpy as np
import tfsparse
from tfsparse.runtime.library import load_library
for model in sorted(pathlib.Path(sys.argv[1]).glob("*.tflite")):
    interpreter = tfsparse.Interpreter(str(model), num_threads=2, profiling=True)
    np.save(model.with_suffix(".y.npy"), interpreter.predict(np.load(model.with_suffix(".x.npy"))))
    print(json.dumps([load_library().isa, model.stem, [node["op"] for node in interpreter.profile()]]))
"""


def run(python: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [python, "-c", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=600)


@pytest.mark.slow
def test_converted_networks_give_what_they_give_here(arm32_python: str, tmp_path: pathlib.Path) -> None:
    for name in NETWORKS:
        model, (x,) = build(name)
        tfsparse.convert(model, tmp_path / f"{name}.tflite")
        np.save(tmp_path / f"{name}.x.npy", x)
    result = run(arm32_python, PREDICT, str(tmp_path))
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    listed = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(isa, name) for isa, name, _ in listed] == [("neon", name) for name in sorted(NETWORKS)]
    for _, name, operators in listed:
        assert "TfSparseSelectWinners" in operators
        expected = tfsparse.Interpreter(tmp_path / f"{name}.tflite").predict(np.load(tmp_path / f"{name}.x.npy"))
        actual = np.load(tmp_path / f"{name}.y.npy")
        np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-5 * np.abs(expected).max(), err_msg=name)


@pytest.mark.slow
def test_a_graph_of_one_operator_is_refused_with_a_reason(arm32_python: str, tmp_path: pathlib.Path) -> None:
    model = tmp_path / "one.tflite"
    model.write_bytes(winner_model(SelectWinners("wta", 2, 0.5, "max", "channel"), [batch_of(sample(1, 7))]))
    result = run(arm32_python, "import sys, tfsparse; tfsparse.Interpreter(sys.argv[1])", str(model))
    assert result.returncode != 0
    assert "at least two operators. Received: one." in result.stderr
