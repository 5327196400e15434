# SPDX-License-Identifier: Apache-2.0
"""Files on a phone: whether they are what they should be, and how to get them here whole."""

from __future__ import annotations

import hashlib
import re
import tempfile
from pathlib import Path

from tfsparse.android.adb import Connection
from tfsparse.errors import PhoneError, PhoneLostError

_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}\.json")


def holds(phone: Connection, remote: str, content: bytes) -> bool:
    """Whether a file on the phone has exactly this content."""
    return _size(phone, remote) == len(content) and _checksum_fits(phone, remote, content)


def fetch(phone: Connection, remote: str) -> bytes:
    """Content of a file on the phone, its checksum verified.

    Raises:
        PhoneError: There is no such file.
        PhoneLostError: It did not arrive whole.
    """
    size = _size(phone, remote)
    if size is None:
        raise PhoneError(f"Phone {phone.serial} has no file {remote}.")
    with tempfile.TemporaryDirectory(prefix="tfsparse-") as folder:
        local = Path(folder, "file")
        phone.pull(remote, local, size)
        content = local.read_bytes()
    if not _checksum_fits(phone, remote, content):
        raise PhoneLostError(f"{remote} did not arrive from phone {phone.serial} as it is there.")
    return content


def result_names(phone: Connection, folder: str) -> list[str]:
    """Names of the JSON files in a folder on the phone; none where there is no such folder."""
    listed = phone.run(["ls", folder])
    return [name for name in listed.text.split("\n") if _NAME.fullmatch(name)] if listed.status == 0 else []


def _size(phone: Connection, remote: str) -> int | None:
    found = phone.run(["stat", "-c", "%s", remote])
    text = found.text.strip()
    return int(text) if found.status == 0 and text.isdecimal() and len(text) < 19 else None


def _checksum_fits(phone: Connection, remote: str, content: bytes) -> bool:
    """By MD5 where the phone has nothing better, which is good enough against accidents."""
    found = phone.run(["sha256sum", remote])
    if found.status == 0:
        return _first_word(found.text) == hashlib.sha256(content).hexdigest()
    return _first_word(phone.shell("md5sum", remote)) == hashlib.md5(content).hexdigest()


def _first_word(text: str) -> str:
    """The checksum; a backslash before it says that the name behind it is written with some."""
    return text.partition(" ")[0].lstrip("\\")
