# SPDX-License-Identifier: Apache-2.0
"""Damaged files give errors: no crash of the process, and no error but our own."""

from __future__ import annotations

import contextlib
import pathlib
import subprocess
import sys

import keras
import pytest
from keras import layers

import tfsparse
from tests.utils.mutations import mutations
from tests.utils.wirings import randomize
from tfsparse.bench.probes import add_probes
from tfsparse.conversion.export import export_model
from tfsparse.conversion.keras_source import keras_model
from tfsparse.errors import TfsparseError
from tfsparse.layers import WTADropout

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
COPIES = {"custom": 400, "builtin": 400, "marker": 400, "probed": 200}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model():
    """Few weights, so that most of the damage hits the structure; every winner operator, several builtin ones."""
    x = keras.Input((6, 6, 3))
    y = WTADropout(0.5)(layers.Conv2D(4, 3, padding="same", activation="relu")(x))
    y = WTADropout(0.5)(layers.Conv2D(4, 3, padding="same")(layers.MaxPooling2D()(y)))
    z = layers.GlobalAveragePooling2D()(layers.DepthwiseConv2D(3)(y))
    z = layers.Concatenate()([z, layers.Dense(3)(layers.Flatten()(y))])
    built = keras.Model(x, layers.Dense(3, activation="softmax")(WTADropout(0.5)(z)))
    randomize(built)
    return built


@pytest.fixture(params=COPIES)
def file(request, model, tmp_path):
    """A model, and how many copies of it to damage."""
    path = tmp_path / "model.tflite"
    if request.param == "marker":
        path.write_bytes(export_model(model, "custom"))
    elif request.param == "probed":
        tfsparse.convert(model, path, lowering="builtin")
        path.write_bytes(add_probes(path))
    else:
        tfsparse.convert(model, path, lowering=request.param)
    return path, COPIES[request.param]


def test_damaged_tflite_files(file):
    path, copies = file
    command = [sys.executable, "-m", "tests.utils.fuzz_worker", str(path), str(copies), "1"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    lines = done.stdout.split("\n")
    assert done.returncode == 0, f"copy {lines[-2]} ended the process with {done.returncode}: {done.stderr[-2000:]}"
    ran, refused = (int(word) for word in lines[-2].split()[1:])
    assert refused > copies / 4, "the damage does not reach the structure"
    assert ran > 0 or path.read_bytes().find(b"TfSparseWta") > 0


def test_damaged_keras_files(model, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    loaded = 0
    for content in mutations(path.read_bytes(), 150, seed=2):
        path.write_bytes(content)
        with contextlib.suppress(TfsparseError):
            keras_model(path)
            loaded += 1
    assert loaded < 150
