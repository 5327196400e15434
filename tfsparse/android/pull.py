# SPDX-License-Identifier: Apache-2.0
"""Fetches results that are not here yet; nothing that is here is ever written over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tfsparse.android import layout
from tfsparse.android.adb import Connection
from tfsparse.android.remote_files import fetch, holds, result_names
from tfsparse.conversion.files import write_atomically

FETCHED, PRESENT, DIFFERENT = "fetched", "here already", "another file of this name is here"


@dataclass(frozen=True)
class Pulled:
    """What became of a result.

    Attributes:
        serial: The phone.
        name: Name of the file.
        status: `fetched`, `here already`, or `another file of this name is here`.
        removed: Whether it was deleted on the phone.
    """

    serial: str
    name: str
    status: str
    removed: bool


def phone_folder(output: Path, serial: str) -> Path:
    """Where the results of a phone go.

    Example:

    >>> phone_folder(Path("results"), "192.168.0.7:5555").as_posix()
    'results/192.168.0.7_5555'
    """
    return output / re.sub(r"[^A-Za-z0-9._-]", "_", serial)


def keep(output: Path, serial: str, name: str, content: bytes) -> bool:
    """Writes a result unless there is a file of its name; says whether it did."""
    path = phone_folder(output, serial) / name
    if path.exists():
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
    return True


def pull(phone: Connection, output: Path, remove: bool = False) -> list[Pulled]:
    """Fetches the results of a phone, those of failed requests included.

    Args:
        phone: The phone.
        output: Folder for results; each phone gets one inside.
        remove: Whether to delete on the phone what is safely here: compared by checksum after it was written.

    Raises:
        PhoneError: The phone is lost, or a file did not arrive as it is there.
        ConversionError: A file cannot be written here.
    """
    return [
        _pull_one(phone, f"{folder}/{name}", output, remove)
        for folder in (layout.RESULTS, layout.OUTPUTS)
        for name in result_names(phone, folder)
    ]


def _pull_one(phone: Connection, remote: str, output: Path, remove: bool) -> Pulled:
    name = remote.rpartition("/")[2]
    path = phone_folder(output, phone.serial) / name
    status = PRESENT
    if not path.exists():
        keep(output, phone.serial, name, fetch(phone, remote))
        status = FETCHED
    same = holds(phone, remote, path.read_bytes())
    if not same:
        return Pulled(phone.serial, name, DIFFERENT, removed=False)
    if remove:
        phone.shell("rm", "-f", remote)
    return Pulled(phone.serial, name, status, removed=remove)
