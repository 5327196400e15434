# SPDX-License-Identifier: Apache-2.0
"""`tflite-runtime` alone is enough to run a model: in a virtual environment without ai-edge-litert and TensorFlow."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess

import numpy as np
import pytest

from tfsparse.bench.models.layers import LayerShape, dense_layer, random_input, winner_layer
from tfsparse.bench.probes import add_probes
from tfsparse.runtime.interpreter import Interpreter
from tfsparse.runtime.library import LIBRARY_VARIABLE, find_library

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
SHAPE = LayerShape("test", "conv", "conv2d", height=6, width=5, channels=8, outputs=12, kernel=3, stride=1)
SCRIPT = """
import sys, numpy
import tfsparse
interpreter = tfsparse.Interpreter(sys.argv[1])
assert interpreter.runtime == "tflite_runtime"
assert not {"ai_edge_litert", "tensorflow", "keras"} & set(sys.modules)
numpy.save(sys.argv[3], interpreter.predict(numpy.load(sys.argv[2])))
"""
PROFILE_SCRIPT = """
import json, sys, numpy
import tfsparse
interpreter = tfsparse.Interpreter(sys.argv[1], profiling=True)
numpy.save(sys.argv[3], interpreter.predict(numpy.load(sys.argv[2])))
print(json.dumps([(entry["layer"], entry["phases"]["layer"]) for entry in interpreter.profile()]))
"""


@pytest.fixture(scope="module")
def run(tflite_runtime_python):
    """Runs a script in the virtual environment."""
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), LIBRARY_VARIABLE: str(find_library())}

    def run_script(script, *arguments):
        command = [tflite_runtime_python, "-c", script, *map(str, arguments)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return run_script


def test_results_are_those_of_the_other_runtimes(run, tmp_path):
    model, x = winner_layer(SHAPE, 0.5), np.concatenate([random_input(SHAPE, seed) for seed in range(3)])
    (tmp_path / "model.tflite").write_bytes(model)
    np.save(tmp_path / "x.npy", x)
    done = run(SCRIPT, tmp_path / "model.tflite", tmp_path / "x.npy", tmp_path / "y.npy")
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), Interpreter(model).predict(x), rtol=1e-5, atol=1e-5)


def test_probes_time_the_layers_of_a_dense_model(run, tmp_path):
    model, x = add_probes(dense_layer(SHAPE)), random_input(SHAPE)
    (tmp_path / "model.tflite").write_bytes(model)
    np.save(tmp_path / "x.npy", x)
    done = run(PROFILE_SCRIPT, tmp_path / "model.tflite", tmp_path / "x.npy", tmp_path / "y.npy")
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), Interpreter(model).predict(x), rtol=1e-5, atol=1e-5)
    (_, start), (layer, nanoseconds) = json.loads(done.stdout)
    assert (start, layer) == (0, "conv")
    assert nanoseconds > 0


def test_a_missing_file_is_refused(run, tmp_path):
    done = run("import sys, tfsparse; tfsparse.Interpreter(sys.argv[1])", tmp_path / "none.tflite")
    assert "ModelFormatError" in done.stderr
    assert "none.tflite cannot be read" in done.stderr
