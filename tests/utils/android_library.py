# SPDX-License-Identifier: Apache-2.0
"""What Android's loader, from API level 23 on, and its 16 KB pages ask of a shared library."""

from __future__ import annotations

import functools
import io
import pathlib

from elftools.elf.elffile import ELFFile

BIONIC = pathlib.Path(__file__).resolve().parents[2] / "android_bench/delegate/src/main/cpp/bionic"
PAGE = 0x4000
FIRST_VERSION = "LIBC"  # of the symbols that Android has had since API level 23
MACHINES = {"arm64-v8a": "AArch64", "armeabi-v7a": "ARM", "x86_64": "x64"}

EXPORTS = {
    *(
        f"Java_dev_tfsparse_delegate_NativeDelegate_{name}"
        for name in ("create", "destroy", "isa", "profileJson", "resetProfile", "version")
    ),
    *(f"tflite_plugin_{name}_delegate" for name in ("create", "destroy")),
    *(f"tfsparse_{name}" for name in ("isa", "kernels_json", "op_version", "profile_json", "profile_reset", "version")),
}


@functools.cache
def bionic_names(library: str, bits: int) -> frozenset[str]:
    """The names that a library of Android's, such as "libc.so", is known to have."""
    lines = (BIONIC / library).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line.split()[0] for line in lines if not line.startswith("#") and str(bits) in line.split()[1:])


def dynamic(elf: ELFFile, tag: str) -> list[str]:
    """The values of a tag of the dynamic section: names where it has names, else numbers as text."""
    section = elf.get_section_by_name(".dynamic")
    attribute = {"DT_NEEDED": "needed", "DT_SONAME": "soname"}.get(tag)
    return [str(getattr(entry, attribute) if attribute else entry["d_val"]) for entry in section.iter_tags(tag)]


def symbols(elf: ELFFile, *, defined: bool) -> set[str]:
    """Names that a library exports, or those that it imports."""
    table = elf.get_section_by_name(".dynsym").iter_symbols()
    return {symbol.name for symbol in table if symbol.name and (symbol["st_shndx"] != "SHN_UNDEF") == defined}


def layout_problems(elf: ELFFile) -> list[str]:
    """What is wrong with the segments."""
    problems = []
    for segment in elf.iter_segments():
        kind, flags = segment["p_type"], segment["p_flags"]
        if kind == "PT_LOAD" and segment["p_align"] < PAGE:
            problems.append(f"a segment is aligned to {segment['p_align']:#x} bytes, not {PAGE:#x}")
        if kind == "PT_LOAD" and flags & 2 and flags & 1:
            problems.append("a segment is both writable and executable")
        if kind == "PT_GNU_STACK" and flags & 1:
            problems.append("the stack is executable")
        if kind == "PT_TLS":
            problems.append("there is a segment of thread-local variables")
    if dynamic(elf, "DT_TEXTREL") or any(int(flags) & 4 for flags in dynamic(elf, "DT_FLAGS")):
        problems.append("code is relocated")
    return problems


def import_problems(elf: ELFFile) -> list[str]:
    """What is imported that an Android of API level 23 may lack."""
    needed = dynamic(elf, "DT_NEEDED")
    foreign = sorted(set(needed) - {"libc.so", "libm.so", "libdl.so"})
    known: set[str] = set()
    for library in set(needed) - set(foreign):
        known |= bionic_names(library, elf.elfclass)
    problems = [f"needs {name}" for name in foreign]
    problems += [f"imports {name}" for name in sorted(symbols(elf, defined=False) - known)]
    versions = elf.get_section_by_name(".gnu.version_r")
    for library, names in versions.iter_versions() if versions else ():
        problems += [f"asks {library.name} for {name.name}" for name in names if name.name != FIRST_VERSION]
    return problems


def identity_problems(elf: ELFFile, name: str) -> list[str]:
    """What is wrong with the library's name, its build's identity and what it shows."""
    problems = []
    if dynamic(elf, "DT_SONAME") != [name]:
        problems.append(f"is called {dynamic(elf, 'DT_SONAME')}, not {name}")
    if dynamic(elf, "DT_RPATH") or dynamic(elf, "DT_RUNPATH"):
        problems.append("looks for libraries in folders of its own")
    if elf.get_section_by_name(".note.gnu.build-id") is None:
        problems.append("has no build id")
    if elf.get_section_by_name(".symtab") is not None:
        problems.append("is not stripped")
    return problems


def check_delegate(library: bytes, abi: str) -> None:
    """Fails unless these are the bytes of a libtfsparse_jni.so that Android can load."""
    elf = ELFFile(io.BytesIO(library))
    assert elf.get_machine_arch() == MACHINES[abi]
    assert layout_problems(elf) + import_problems(elf) + identity_problems(elf, "libtfsparse_jni.so") == []
    assert symbols(elf, defined=True) == EXPORTS
