# SPDX-License-Identifier: Apache-2.0
"""The delegate's libraries for Android, as `make android-native` leaves them."""

from __future__ import annotations

import io
import pathlib
import struct

import pytest
from elftools.elf.elffile import ELFFile

from android_bench.delegate.src.main.cpp.bionic import symbols
from tests.utils.android_library import (
    bionic_names,
    check_delegate,
    identity_problems,
    import_problems,
    layout_problems,
)

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
NATIVE = REPOSITORY / "build" / "android" / "native"
FETCHED = REPOSITORY / "build" / "android" / "packaging" / "fetched"


def read(abi: str) -> bytes:
    path = NATIVE / abi / "libtfsparse_jni.so"
    if not path.is_file():
        pytest.skip(f"{path} is missing: make android-native")
    return path.read_bytes()


@pytest.mark.parametrize("abi", ["arm64-v8a", "armeabi-v7a", "x86_64"])
def test_android_can_load_it(abi: str) -> None:
    check_delegate(read(abi), abi)


def test_a_library_for_this_computer_is_refused() -> None:
    elf = ELFFile(io.BytesIO(read("host")))
    problems = import_problems(elf)
    for problem in ("needs libc.so.6", "imports malloc", "asks libc.so.6 for GLIBC_2.2.5"):
        assert problem in problems
    assert "there is a segment of thread-local variables" in layout_problems(elf)
    assert "is called ['libtfsparse_jni.so'], not libother.so" in identity_problems(elf, "libother.so")


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("p_align", 0x1000, "a segment is aligned to 0x1000 bytes, not 0x4000"),
        ("p_flags", 7, "a segment is both writable and executable"),
        ("p_type", 7, "there is a segment of thread-local variables"),
    ],
)
def test_a_bad_segment_is_found(field: str, value: int, problem: str) -> None:
    library = bytearray(read("arm64-v8a"))
    header = ELFFile(io.BytesIO(library))["e_phoff"]
    index = next(i for i, s in enumerate(ELFFile(io.BytesIO(library)).iter_segments()) if s["p_type"] == "PT_LOAD")
    offset, form = {"p_type": (0, "<I"), "p_flags": (4, "<I"), "p_align": (48, "<Q")}[field]
    struct.pack_into(form, library, header + index * 56 + offset, value)
    assert problem in layout_problems(ELFFile(io.BytesIO(library)))


@pytest.mark.parametrize("name", ["tensorflow-lite.aar", "tensorflow-lite-gpu.aar"])
def test_the_lists_hold_what_the_ndk_lets_libraries_import(name: str) -> None:
    if not (FETCHED / name).is_file():
        pytest.skip(f"{FETCHED / name} is missing: make android-fetch")
    found = symbols.collect([FETCHED / name])
    assert len(found["libc"]) > 50
    for library, names in found.items():
        for bits in (32, 64):
            assert {name for name in names if bits in names[name]} <= bionic_names(f"{library}.so", bits)
