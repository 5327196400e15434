# SPDX-License-Identifier: Apache-2.0
"""Files on a phone: whether they are what they should be, and how to get them here whole."""

from __future__ import annotations

import hashlib
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tfsparse.android.adb import Connection
from tfsparse.errors import PhoneError, PhoneLostError

_SHA256_DIGITS = 64
_NAME = re.compile(r"[A-Za-z0-9._-]{1,80}\.json")


@dataclass(frozen=True)
class _Found:
    """Size of a file on the phone, and its SHA-256, or its MD5, which is good enough against accidents."""

    size: int
    checksum: str

    def is_of(self, content: bytes) -> bool:
        algorithm = hashlib.sha256 if len(self.checksum) == _SHA256_DIGITS else hashlib.md5
        return algorithm(content).hexdigest() == self.checksum


def holds(phone: Connection, remote: str, content: bytes) -> bool:
    """Whether a file on the phone has exactly this content."""
    found = _describe(phone, remote)
    return found is not None and found.size == len(content) and found.is_of(content)


def fetch(phone: Connection, remote: str) -> bytes:
    """Content of a file on the phone, its checksum verified.

    Raises:
        PhoneError: There is no such file.
        PhoneLostError: It did not arrive whole.
    """
    found = _describe(phone, remote)
    if found is None:
        raise PhoneError(f"Phone {phone.serial} has no file {remote}.")
    with tempfile.TemporaryDirectory(prefix="tfsparse-") as folder:
        local = Path(folder, "file")
        phone.pull(remote, local, found.size)
        content = local.read_bytes()
    if not found.is_of(content):
        raise PhoneLostError(f"{remote} did not arrive from phone {phone.serial} as it is there.")
    return content


def result_names(phone: Connection, folder: str) -> list[str]:
    """Names of the JSON files in a folder on the phone; none where there is no such folder."""
    listed = phone.run(["ls", folder])
    return [name for name in listed.text.split("\n") if _NAME.fullmatch(name)] if listed.status == 0 else []


def _describe(phone: Connection, remote: str) -> _Found | None:
    """Asks for all in one question, as each takes a while; old phones have no better checksum than MD5."""
    script = 'stat -c %s "$0" && { sha256sum "$0" 2>/dev/null || md5sum "$0"; }'
    told = phone.run(["sh", "-c", script, remote])
    found = re.match(r"(\d{1,18})\n\\?([0-9a-f]{32,64}) ", told.text)
    return _Found(int(found[1]), found[2]) if told.status == 0 and found else None
