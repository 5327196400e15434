# SPDX-License-Identifier: Apache-2.0
"""What every test shares: quiet back ends and the place of optional data."""

from __future__ import annotations

import os
import pathlib
import signal

import hypothesis
import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# The tests run in one process a core. Where cores are taken, threads that wait for each other spin: an
# eigendecomposition by two of them then takes 60 times as much of the processors.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
    os.environ.setdefault(variable, "1")

# A shell's background jobs ignore interrupts, and so would the programs that the tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Machines that run several things at once are slow at times; that is no failure of a property.
hypothesis.settings.register_profile("tfsparse", deadline=None)
hypothesis.settings.load_profile("tfsparse")

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def mnist_path() -> pathlib.Path:
    """`mnist.npz` from the folder that TFSPARSE_DATA names; skips the test where there is none."""
    folder = pathlib.Path(os.environ.get("TFSPARSE_DATA", REPOSITORY.parent / "shared" / "data"))
    path = folder / "mnist.npz"
    if not path.is_file():
        pytest.skip("no mnist.npz: set TFSPARSE_DATA to the folder that holds it")
    return path


@pytest.fixture(scope="session")
def tflite_runtime_python() -> str:
    """The Python of a virtual environment with tflite-runtime, NumPy 1 and no TensorFlow; skips where there is none."""
    default = REPOSITORY / ".venv-tflite-runtime" / "bin" / "python"
    path = pathlib.Path(os.environ.get("TFSPARSE_TFLITE_RUNTIME_PYTHON", default))
    if not path.is_file():
        pytest.skip("no virtual environment with tflite-runtime: set TFSPARSE_TFLITE_RUNTIME_PYTHON to its Python")
    return str(path)


def _arm_python(build: str) -> str:
    path = REPOSITORY / "build" / f"{build}-rig" / "python"
    if not path.is_file() or not (REPOSITORY / "build" / build / "libtfsparse.so").is_file():
        pytest.skip("no interpreter for Arm: run `make test-arm`")
    return str(path)


@pytest.fixture(scope="session")
def arm_python() -> str:
    """A Python for 64-bit Arm with LiteRT and the delegate, as `make test-arm` makes it; skips where there is none."""
    return _arm_python("arm")


@pytest.fixture(scope="session")
def arm32_python() -> str:
    """A Python for 32-bit Arm with tflite-runtime and the delegate, made and skipped likewise."""
    return _arm_python("arm32")
