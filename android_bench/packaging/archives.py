# SPDX-License-Identifier: Apache-2.0
"""Zip files whose bytes depend on their contents alone, with stored entries aligned for memory-mapping."""

from __future__ import annotations

import os
import struct
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# What Android maps in place: four bytes for resources and assets, a whole page for native libraries. Pages have 4 KB or
# 16 KB, so that the larger fits both.
WORD = 4
PAGE = 16384

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that the format knows
LOCAL_HEADER_SIZE = 30
ALIGNMENT_FIELD = 0xD935  # the extra field in which Android's tools keep an entry's alignment, padded to reach it
ALIGNMENT_FIELD_SIZE = 6


@dataclass(frozen=True)
class Entry:
    """A file in an archive.

    Args:
        name: Its path there.
        data: Its bytes.
        alignment: `None` compresses the data; a number stores them as they are, at an offset that it divides.
    """

    name: str
    data: bytes
    alignment: int | None = None


def write_zip(path: Path, entries: Iterable[Entry]) -> None:
    """Writes an archive in the order of its entries, which must have different names."""
    with replacing(path) as temporary, open(temporary, "wb") as stream, zipfile.ZipFile(stream, "w") as archive:
        for entry in entries:
            if entry.name in archive.NameToInfo:
                raise ValueError(f"{path.name} would get two files named {entry.name}")
            info = zipfile.ZipInfo(entry.name, EPOCH)
            info.external_attr = 0o644 << 16
            if entry.alignment is None:
                info.compress_type = zipfile.ZIP_DEFLATED
            else:
                info.extra = _padding(stream.tell() + LOCAL_HEADER_SIZE + len(entry.name.encode()), entry.alignment)
            archive.writestr(info, entry.data)
            info.extra = b""  # the padding belongs in front of the data alone, not into the directory at the end


def read_zip(path: Path) -> dict[str, bytes]:
    """The files of an archive by their names."""
    with zipfile.ZipFile(path) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}


def folder_entries(folder: Path) -> Iterator[Entry]:
    """The files below a folder, compressed, by name."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield Entry(path.relative_to(folder).as_posix(), path.read_bytes())


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Gives a temporary path beside `path` and moves what is written there to `path` if all went well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
        temporary = Path(folder) / path.name
        yield temporary
        os.replace(temporary, path)


def _padding(data_offset: int, alignment: int) -> bytes:
    zeros = -(data_offset + ALIGNMENT_FIELD_SIZE) % alignment
    return struct.pack("<HHH", ALIGNMENT_FIELD, 2 + zeros, alignment) + bytes(zeros)
