# SPDX-License-Identifier: Apache-2.0
"""The native library is found, or what is wrong with it is said."""

from __future__ import annotations

import ctypes.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import tfsparse
from tfsparse import ops
from tfsparse.errors import RuntimeUnavailableError
from tfsparse.runtime.library import LIBRARY_VARIABLE, NativeLibrary, find_library, load_library


def test_library_is_of_this_version():
    library = load_library()
    assert library.version == tfsparse.__version__
    assert library.op_version == ops.OP_VERSION


def test_library_is_opened_once():
    assert load_library() is load_library()


def test_isa_can_be_forced():
    code = "from tfsparse.runtime.library import load_library; print(load_library().isa)"
    environment = {**os.environ, "TFSPARSE_ISA": "portable"}
    isa = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert isa.stdout.strip() == "portable"


def test_an_isa_that_the_machine_lacks_is_refused(monkeypatch):
    monkeypatch.setenv("TFSPARSE_ISA", "quantum")
    with pytest.raises(RuntimeUnavailableError, match=r"TFSPARSE_ISA names no instruction set.*Received: quantum"):
        load_library().isa  # noqa: B018


def test_variable_names_the_library(monkeypatch, tmp_path):
    named = tmp_path / "mine.so"
    named.write_bytes(find_library().read_bytes())
    monkeypatch.setenv(LIBRARY_VARIABLE, str(named))
    assert find_library() == named
    assert load_library().path == named


def test_missing_library_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv(LIBRARY_VARIABLE, str(tmp_path / "gone.so"))
    with pytest.raises(RuntimeUnavailableError, match=r"TFSPARSE_LIBRARY names it.*gone\.so.*no such file.*Install"):
        load_library()


def test_a_file_that_is_no_library_is_refused(tmp_path):
    path = tmp_path / "libtfsparse.so"
    path.write_text("not a library")
    with pytest.raises(RuntimeUnavailableError, match=r"cannot be used"):
        NativeLibrary(path)


def test_another_library_is_refused():
    other = ctypes.util.find_library("m")
    with pytest.raises(RuntimeUnavailableError, match=r"cannot be used.*tfsparse_version"):
        NativeLibrary(Path(other))


def test_unknown_profile_is_empty():
    assert load_library().profile("nobody") == []
