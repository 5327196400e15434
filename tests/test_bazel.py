# SPDX-License-Identifier: Apache-2.0
"""The Bazel build, offline where the external repositories that Bazel asks for are at hand as stubs."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
EXTERNAL = ("rules_cc", "rules_java", "remote_coverage_tools")


@pytest.fixture(scope="module")
def stubs() -> pathlib.Path:
    folder = pathlib.Path(os.environ.get("TFSPARSE_BAZEL_STUBS", REPOSITORY.parent / "shared" / "bazel_offline"))
    if shutil.which("bazel") is None:
        pytest.skip("there is no bazel")
    if not all((folder / name).is_dir() for name in EXTERNAL):
        pytest.skip(f"TFSPARSE_BAZEL_STUBS names no folder that holds {', '.join(EXTERNAL)}")
    return folder


@pytest.mark.slow
def test_builds_and_passes_every_cpp_test(stubs: pathlib.Path) -> None:
    overrides = [f"--override_repository={name}={stubs / name}" for name in EXTERNAL]
    command = ["bazel", "--max_idle_secs=30", "test", "--symlink_prefix=/", *overrides, "//..."]
    result = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    sources = [path.stem for path in (REPOSITORY / "tests" / "tflite_ops").rglob("*_test.cc")]
    assert sources
    for name in sources:
        assert f"//tests/tflite_ops:{name} " in result.stdout
