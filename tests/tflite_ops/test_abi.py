# SPDX-License-Identifier: Apache-2.0
"""The functions that the library exports, and what they say of it."""

from __future__ import annotations

import ctypes
import os
import pathlib
import re
import shutil
import subprocess

import pytest

from tfsparse import __version__, ops
from tfsparse.runtime.library import find_library

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
EXPORTS = {
    "tflite_plugin_create_delegate",
    "tflite_plugin_destroy_delegate",
    "tfsparse_version",
    "tfsparse_op_version",
    "tfsparse_isa",
    "tfsparse_kernels_json",
    "tfsparse_profile_json",
    "tfsparse_profile_reset",
}


def compile_and_run(source: str, folder: pathlib.Path, *includes: pathlib.Path) -> str:
    program = folder / "program"
    (folder / "program.cc").write_text(source)
    compiler = os.environ.get("CXX", "g++")
    command = [
        compiler,
        "-std=c++17",
        *(f"-I{path}" for path in includes),
        str(folder / "program.cc"),
        "-o",
        str(program),
    ]
    subprocess.run(command, check=True)
    return subprocess.run([str(program)], check=True, capture_output=True, text=True).stdout


def test_operators_and_options_are_those_of_the_python_package(tmp_path: pathlib.Path) -> None:
    source = """
        #include <cstdio>
        #include "tflite/op_options.h"
        int main() {
          using namespace tfsparse::tflite;
          std::printf("%d %d\\n", kOpVersion, kOptionsFormat);
          for (const OpSpec& spec : kOpSpecs) {
            std::printf("%s", spec.name.data());
            for (const auto& key : spec.keys) if (!key.empty()) std::printf(" %s", key.data());
            std::printf("\\n");
          }
        }"""
    versions, *listing = compile_and_run(source, tmp_path, REPOSITORY / "tflite_ops").splitlines()
    assert versions == f"{ops.OP_VERSION} {ops.OPTIONS_FORMAT}"
    assert listing == [" ".join((name, *ops.option_keys(op))) for name, op in ops.WINNER_OPS.items()]


def test_nothing_but_the_c_abi_is_exported() -> None:
    if shutil.which("nm") is None:
        pytest.skip("there is no nm")
    command = ["nm", "-D", "--defined-only", str(find_library())]
    listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert {line.split()[2] for line in listing.splitlines()} == EXPORTS


def test_no_cpp_runtime_is_needed() -> None:
    if shutil.which("readelf") is None:
        pytest.skip("there is no readelf")
    listing = subprocess.run(["readelf", "-d", find_library()], check=True, capture_output=True, text=True).stdout
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", listing))
    assert not {name for name in needed if name.startswith(("libstdc++", "libgcc", "libgomp"))}


def test_the_header_declares_what_the_library_exports() -> None:
    header = (REPOSITORY / "tflite_ops" / "c_api" / "tfsparse.h").read_text()
    assert set(re.findall(r"^TFSPARSE_EXPORT [^(]*?(\w+)\(", header, re.MULTILINE)) == EXPORTS


def test_the_library_knows_its_versions() -> None:
    library = ctypes.CDLL(str(find_library()))
    library.tfsparse_version.restype = ctypes.c_char_p
    assert library.tfsparse_version().decode() == __version__
    assert library.tfsparse_op_version() == ops.OP_VERSION


def test_an_unusable_instruction_set_in_the_environment_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    library = ctypes.CDLL(str(find_library()))
    library.tfsparse_isa.restype = ctypes.c_char_p
    assert library.tfsparse_isa() in (b"portable", b"neon", b"avx2", b"avx512")
    monkeypatch.setenv("TFSPARSE_ISA", "portable")
    assert library.tfsparse_isa() == b"portable"
    monkeypatch.setenv("TFSPARSE_ISA", "sse9")
    assert library.tfsparse_isa() is None
