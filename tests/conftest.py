# SPDX-License-Identifier: Apache-2.0
"""What every test shares: quiet back ends and the place of optional data."""

from __future__ import annotations

import os
import pathlib

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def mnist_path() -> pathlib.Path:
    """`mnist.npz` from the folder that TFSPARSE_DATA names; skips the test where there is none."""
    folder = pathlib.Path(os.environ.get("TFSPARSE_DATA", REPOSITORY.parent / "shared" / "data"))
    path = folder / "mnist.npz"
    if not path.is_file():
        pytest.skip("no mnist.npz: set TFSPARSE_DATA to the folder that holds it")
    return path
