# SPDX-License-Identifier: Apache-2.0
"""Our header of TensorFlow Lite's C ABI against the official ones, on 64-bit and 32-bit processors."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import zipfile
from dataclasses import dataclass

import pytest

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]


@dataclass(frozen=True)
class Target:
    """A processor to compile for.

    Attributes:
        compiler: Compiles and links for it, with these options.
        emulator: Runs what was linked; empty where this machine can.
    """

    compiler: tuple[str, ...]
    emulator: tuple[str, ...] = ()


TARGETS = {
    "64-bit": Target((os.environ.get("CXX", "g++"),)),
    "32-bit Arm": Target(("arm-linux-gnueabihf-g++", "-static", "-Wno-psabi"), ("qemu-arm-static",)),
}

# The oldest version that is supported, the newest on Maven Central, and those between in which the registration grew
# that is passed by value; with the number of lines that the layout has.
VERSIONS = {"2.6.0": 74, "2.10.0": 75, "2.13.0": 77, "2.16.1": 81}
PASSED = {"2.6.0": "Registration2_6", "2.10.0": "Registration2_10", "2.13.0": "Registration2_13"}


def compile_and_run(target: Target, source: str, folder: pathlib.Path, *includes: pathlib.Path) -> str:
    if missing := [tool for tool in (target.compiler[0], *target.emulator[:1]) if shutil.which(tool) is None]:
        pytest.skip(f"there is no {missing[0]}")
    program = folder / "program"
    (folder / "program.cc").write_text(source)
    paths = [f"-I{path}" for path in includes]
    subprocess.run([*target.compiler, "-std=c++17", *paths, str(folder / "program.cc"), "-o", str(program)], check=True)
    return subprocess.run([*target.emulator, str(program)], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="session", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="session")
def official_headers(version: str) -> pathlib.Path:
    """The headers inside TensorFlow Lite's Android archive, kept in build/cache."""
    folder = REPOSITORY / "build" / "cache" / "tflite_headers"
    artifact = f"org.tensorflow:tensorflow-lite:{version}:aar"
    archive = folder / f"tensorflow-lite-{version}.aar"
    if not archive.is_file():
        if shutil.which("mvn") is None:
            pytest.skip("the official headers come from Maven Central, and there is no mvn")
        plugin = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
        command = ["mvn", "-q", "-B", plugin, f"-Dartifact={artifact}", f"-DoutputDirectory={folder}"]
        if subprocess.run(command, check=False, timeout=300).returncode != 0:
            pytest.skip(f"mvn cannot fetch {artifact}")
    with zipfile.ZipFile(archive) as members:
        members.extractall(folder / version, [name for name in members.namelist() if name.startswith("headers/")])
    return folder / version / "headers"


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_layout_equals_the_official_one(
    version: str, official_headers: pathlib.Path, target: Target, tmp_path: pathlib.Path
) -> None:
    layout = f'#define TFLITE_MINOR {version.split(".")[1]}\n#include "{HERE}/tflite_layout.inc"\n'
    passed = f"tfsparse::tflite::{PASSED.get(version, 'Registration2_14')}"
    ours = compile_and_run(
        target,
        '#include "tests/tflite_ops/tflite/registrations.h"\n' + f"using PassedRegistration = {passed};\n" + layout,
        tmp_path,
        REPOSITORY,
        REPOSITORY / "tflite_ops",
    )
    official = compile_and_run(
        target,
        '#include "tensorflow/lite/c/common.h"\n#include "tensorflow/lite/builtin_ops.h"\n'
        + "using PassedRegistration = TfLiteRegistration;\n"
        + layout,
        tmp_path,
        official_headers,
    )
    assert ours == official
    assert len(ours.splitlines()) == VERSIONS[version]


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_there_is_room_behind_the_structs_that_we_hand_over(target: Target, tmp_path: pathlib.Path) -> None:
    source = """
        #include <cstdio>
        #include "c_api/tflite_abi.h"
        int main() {
          std::printf("%zu %zu", (sizeof(TfLiteRegistration) - offsetof(TfLiteRegistration, reserved)) / sizeof(void*),
                      (sizeof(TfLiteDelegate) - offsetof(TfLiteDelegate, reserved)) / sizeof(void*));
        }"""
    room = compile_and_run(target, source, tmp_path, REPOSITORY / "tflite_ops").split()
    assert all(int(pointers) >= 8 for pointers in room)
