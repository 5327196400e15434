# SPDX-License-Identifier: Apache-2.0
"""The libraries for Android, TensorFlow Lite's own and the delegate's, running: .ci/android-rig puts musl below them.

What this cannot show: Android's loader and C library, its threads under load, and any speed.
"""

from __future__ import annotations

import pathlib
import subprocess

import keras
import numpy as np
import pytest

import tfsparse
from tests.utils.wirings import build

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
ANDROID = REPOSITORY / "build" / "android"
BEST_ISA = {"x86_64": ("avx512", "avx2", "portable"), "arm64-v8a": ("neon",), "armeabi-v7a": ("neon",)}
WITH_TENSORFLOW_LITE = ["x86_64", "arm64-v8a"]  # on 32 bits musl's structs are larger than those it was built for


class Rig:
    """The program of one processor and the libraries that it runs."""

    def __init__(self, abi: str) -> None:
        self.program = ANDROID / "rig" / abi / "run_model"
        self.delegate = ANDROID / "native" / abi / "libtfsparse_jni.so"
        self.tflite = ANDROID / "rig" / abi / "lib" / "libtensorflowlite_jni.so"
        self.abi = abi

    def run(self, *arguments: str | pathlib.Path) -> subprocess.CompletedProcess[str]:
        command = [self.program, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)

    def predict(self, delegate: list[str | pathlib.Path], model: pathlib.Path, x: np.ndarray) -> np.ndarray:
        given, got = model.with_suffix(".x"), model.with_suffix(".y")
        x.astype("<f4").tofile(given)
        result = self.run(*delegate, self.tflite, model, given, got)
        assert result.returncode == 0, result.stdout + result.stderr
        assert "tflite 2.16.1" in result.stdout
        return np.fromfile(got, "<f4")


def rig(abi: str) -> Rig:
    made = Rig(abi)
    if not made.program.is_file() or not made.delegate.is_file():
        pytest.skip(f"{made.program} or {made.delegate} is missing: make test-android-native")
    return made


@pytest.mark.parametrize("abi", BEST_ISA)
def test_makes_a_delegate(abi: str) -> None:
    result = rig(abi).run(Rig(abi).delegate, "num_threads=2", "profile=id")
    assert result.returncode == 0, result.stderr
    assert result.stdout in {f"isa {isa}\n" for isa in BEST_ISA[abi]}


@pytest.mark.parametrize("abi", BEST_ISA)
def test_an_exception_inside_the_library_becomes_a_message(abi: str) -> None:
    result = rig(abi).run(Rig(abi).delegate, "num_threads=many")
    assert result.returncode == 1
    assert "`num_threads` must be an integer from 1 to 1024. Received: many." in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "flatten_channels", "dense_stack"])
def test_a_sparse_network_gives_what_it_gives_here(name: str, tmp_path: pathlib.Path) -> None:
    model, (x,) = build(name)
    path = tmp_path / "sparse.tflite"
    tfsparse.convert(model, path)
    expected = tfsparse.Interpreter(path).predict(x[:1]).ravel()
    for abi in WITH_TENSORFLOW_LITE:
        device = rig(abi)
        for options in (["num_threads=1"], ["num_threads=2", "isa=portable", "profile=id"]):
            y = device.predict([device.delegate, *options], path, x[:1])
            np.testing.assert_allclose(y, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


@pytest.mark.slow
def test_a_dense_network_gives_what_it_gives_here(tmp_path: pathlib.Path) -> None:
    keras.utils.set_random_seed(3)
    image = keras.Input((12, 12, 3))
    hidden = keras.layers.Conv2D(8, 3, activation="relu")(image)
    model = keras.Model(image, keras.layers.Dense(4)(keras.layers.Flatten()(hidden)))
    path = tmp_path / "dense.tflite"
    tfsparse.convert(model, path)
    x = np.random.default_rng(3).normal(size=(1, 12, 12, 3)).astype(np.float32)
    expected = tfsparse.Interpreter(path).predict(x).ravel()
    for abi in WITH_TENSORFLOW_LITE:
        y = rig(abi).predict(["-"], path, x)
        np.testing.assert_allclose(y, expected, rtol=0, atol=1e-4 * np.abs(expected).max())
