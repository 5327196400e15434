# SPDX-License-Identifier: Apache-2.0
"""The delegate in LiteRT for 64-bit Arm, under emulation."""

from __future__ import annotations

import pathlib
import subprocess

import numpy as np
import pytest

import tfsparse
from tests.utils.operator_tests import operator_tests
from tests.utils.wirings import build

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]

PREDICT = """
import sys
import numpy as np
import tfsparse
model, x, y = sys.argv[1:]
np.save(y, tfsparse.Interpreter(model, num_threads=2).predict(np.load(x)))
"""


def check(command: list[str]) -> None:
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=600)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]


@pytest.mark.slow
def test_operators_and_errors_pass(arm_python: str) -> None:
    check(operator_tests(arm_python))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "flatten_channels", "dense_stack"])
def test_a_converted_network_gives_what_it_gives_here(name: str, arm_python: str, tmp_path: pathlib.Path) -> None:
    model, (x,) = build(name)
    paths = [str(tmp_path / file) for file in ("model.tflite", "x.npy", "y.npy")]
    tfsparse.convert(model, paths[0])
    np.save(paths[1], x)
    check([arm_python, "-c", PREDICT, *paths])
    expected = tfsparse.Interpreter(paths[0]).predict(x)
    np.testing.assert_allclose(np.load(paths[2]), expected, rtol=0, atol=1e-5 * np.abs(expected).max())
