# SPDX-License-Identifier: Apache-2.0
"""The native tests, and those of the operators in a real interpreter, under address and undefined-behaviour checks.

Every kernel runs on every instruction set of the machine; those that share work out run under thread checks, too, as do
several interpreters in several threads.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

from tests.utils.operator_tests import operator_tests

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build" / "sanitized"
# Tools that pip has installed beside the interpreter count, too.
SEARCH_PATH = os.pathsep.join([str(pathlib.Path(sys.executable).parent), os.environ["PATH"]])
COMPILER = os.environ.get("CXX", "g++")
# What shares work out, or is shared.
WITH_THREADS = "delegate|profile|shared|thread_pool|winner_|zero_skip"


def runtime_library(name: str) -> str:
    """Path of a library that belongs to the compiler."""
    command = [COMPILER, f"-print-file-name={name}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def build_with(sanitizers: str, runtime: str, optimization: str, *targets: str) -> pathlib.Path:
    """The folder of a build of targets, or all, with these sanitizers; skips the test where their library lacks."""
    cmake = shutil.which("cmake", path=SEARCH_PATH)
    if cmake is None or shutil.which(COMPILER) is None or not os.path.isabs(runtime_library(runtime)):
        pytest.skip("needs cmake and a g++ with its sanitizers")
    folder = BUILD / sanitizers.partition(",")[0]
    options = [
        "-DCMAKE_BUILD_TYPE=None",
        f"-DCMAKE_CXX_FLAGS={optimization} -g1",
        f"-DTFSPARSE_SANITIZE={sanitizers}",
        "-DTFSPARSE_BUILD_TESTS=ON",
    ]
    subprocess.run([cmake, "-S", REPOSITORY / "tflite_ops", "-B", folder, *options], check=True, capture_output=True)
    chosen = ["--target", *targets] if targets else []
    subprocess.run([cmake, "--build", folder, "--parallel", "2", *chosen], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def build() -> pathlib.Path:
    # Optimised, the checked kernels take a minute each to compile, far longer than they run.
    return build_with("address,undefined", "libasan.so", "-O0")


@pytest.fixture(scope="module")
def thread_build() -> pathlib.Path:
    sources = (REPOSITORY / "tests" / "tflite_ops").rglob("*_test.cc")
    return build_with(
        "thread", "libtsan.so", "-O1", *(source.stem for source in sources if re.search(WITH_THREADS, source.stem))
    )


def check(command: list[str], **environment: str) -> None:
    variables = {**os.environ, **environment}
    result = subprocess.run(command, cwd=REPOSITORY, env=variables, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]


def check_ctest(folder: pathlib.Path, *options: str, **environment: str) -> None:
    check(
        [
            str(shutil.which("ctest", path=SEARCH_PATH)),
            "--test-dir",
            str(folder),
            "--output-on-failure",
            "--parallel",
            "2",
            *options,
        ],
        **environment,
    )


@pytest.mark.slow
def test_native_tests_pass(build: pathlib.Path) -> None:
    check_ctest(build)


@pytest.mark.slow
def test_threads_do_not_race(thread_build: pathlib.Path) -> None:
    # What these operators compute for the comparison with the reference, one thread computes.
    check_ctest(thread_build, "--tests-regex", WITH_THREADS, GTEST_FILTER="-*Conv2DTest.AgreesWithReference*")


@pytest.mark.slow
def test_operators_and_errors_pass_in_a_real_interpreter(build: pathlib.Path) -> None:
    check(
        # What the sanitizers print must not vanish in pytest's capture when the process ends: hence -s.
        operator_tests(sys.executable, "-s"),
        TFSPARSE_LIBRARY=str(build / "libtfsparse.so"),
        # A library of an unchecked program finds the sanitizers only if they are loaded first.
        LD_PRELOAD=":".join(map(runtime_library, ("libasan.so", "libubsan.so", "libstdc++.so"))),
        ASAN_OPTIONS="detect_leaks=0",  # Python frees little at its end
    )
