# SPDX-License-Identifier: Apache-2.0
"""What Android's tools say of an APK."""

from __future__ import annotations

import re
import struct
import zipfile

from android_bench.packaging.archives import LOCAL_HEADER_SIZE
from android_bench.packaging.tools import run


def badging(apk):
    return run("aapt2", "dump", "badging", apk)


def stored_offsets(apk):
    """Where the data of each uncompressed entry begins."""
    offsets = {}
    with zipfile.ZipFile(apk) as archive, open(apk, "rb") as stream:
        for info in archive.infolist():
            stream.seek(info.header_offset + 26)
            name_size, extra_size = struct.unpack("<HH", stream.read(4))
            if info.compress_type == zipfile.ZIP_STORED:
                offsets[info.filename] = info.header_offset + LOCAL_HEADER_SIZE + name_size + extra_size
    return offsets


def manifest(apk):
    """The manifest in an APK as a tree of text."""
    return run("aapt2", "dump", "xmltree", "--file", "AndroidManifest.xml", apk)


def check_signature(apk):
    """Fails unless an APK has the signatures that Android 6 and later ask for, over all of its entries."""
    said = run("apksigner", "verify", "--verbose", "--min-sdk-version", "23", apk)
    schemes = dict(re.findall(r"Verified using (v\d) scheme .*: (true|false)", said))
    assert {scheme: schemes[scheme] for scheme in ("v1", "v2", "v3")} == {"v1": "true", "v2": "true", "v3": "true"}
    assert "WARNING" not in said


def signer(apk):
    """The digest of the certificate that an APK is signed by."""
    return re.search(r"SHA-256 digest: (\w+)", run("apksigner", "verify", "--print-certs", apk)).group(1)
