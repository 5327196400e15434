# SPDX-License-Identifier: Apache-2.0
"""Writes the lists of names that a library for Android may import, libc.txt, libm.txt and libdl.txt, or checks them.

    python symbols.py [--check] FILE...

A file is an AAR or JAR from Maven Central with libraries that were built by the NDK. A name that such a library imports
by the symbol version LIBC is in every Android since API level 23: what came later carries LIBC_N (24), LIBC_O (26) and
so on. The lists say for which width of pointers a name was seen, and were made from

    org.tensorflow:tensorflow-lite:2.16.1  org.tensorflow:tensorflow-lite-gpu:2.16.1  com.facebook.fbjni:fbjni:0.7.0
"""

from __future__ import annotations

import argparse
import io
import pathlib
import sys
import zipfile
from collections.abc import Iterator

from elftools.elf.elffile import ELFFile

LIBRARIES = ("libc", "libm", "libdl")
BITS = {"arm64-v8a": 64, "x86_64": 64, "armeabi-v7a": 32}
FIRST_VERSION = "LIBC"
HEADER = """\
# SPDX-License-Identifier: Apache-2.0
# Names, and the width of pointers for which each is known; made by symbols.py.
"""

# No library at hand names it for 32 bits; bionic's own list, libc/libc.map.txt, has it for all processors since the
# first of its versions.
KNOWN_OTHERWISE = {"getauxval": 32}

Names = dict[str, dict[str, set[int]]]  # library -> name -> widths


def folder() -> pathlib.Path:
    return pathlib.Path(__file__).parent


def versioned_imports(elf: ELFFile) -> Iterator[tuple[str, str, str]]:
    """The name, library and version of each symbol that a library imports by a version."""
    versions = {}
    for library, symbols in elf.get_section_by_name(".gnu.version_r").iter_versions():
        for symbol in symbols:
            versions[symbol["vna_other"]] = (library.name, symbol.name)
    indices = elf.get_section_by_name(".gnu.version")
    for index, symbol in enumerate(elf.get_section_by_name(".dynsym").iter_symbols()):
        version = versions.get(indices.get_symbol(index)["ndx"])
        if symbol["st_shndx"] == "SHN_UNDEF" and version is not None:
            yield symbol.name, *version


def collect(archives: list[pathlib.Path]) -> Names:
    names: Names = {library: {} for library in LIBRARIES}
    names["libc"] = {name: {bits} for name, bits in KNOWN_OTHERWISE.items()}
    for archive in archives:
        with zipfile.ZipFile(archive) as content:
            for path in map(pathlib.PurePosixPath, content.namelist()):
                if path.suffix != ".so" or path.parent.name not in BITS:
                    continue
                for name, library, version in versioned_imports(ELFFile(io.BytesIO(content.read(str(path))))):
                    if version == FIRST_VERSION:
                        names[library.removesuffix(".so")].setdefault(name, set()).add(BITS[path.parent.name])
    return names


def render(names: dict[str, set[int]]) -> str:
    return HEADER + "".join(f"{name} {' '.join(map(str, sorted(names[name])))}\n" for name in sorted(names))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a list would change")
    parser.add_argument("archives", nargs="+", type=pathlib.Path, metavar="FILE")
    arguments = parser.parse_args()
    stale = []
    for library, names in collect(arguments.archives).items():
        path = folder() / f"{library}.txt"
        text = render(names)
        if arguments.check and path.read_text(encoding="utf-8") != text:
            stale.append(path.name)
        elif not arguments.check:
            path.write_text(text, encoding="utf-8")
    if stale:
        print(
            f"Not what these files give: {', '.join(stale)}. Run symbols.py on them without --check.", file=sys.stderr
        )
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
