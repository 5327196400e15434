# SPDX-License-Identifier: Apache-2.0
"""What android_bench/README.md points to is there."""

from __future__ import annotations

import pathlib
import re

PAGE = pathlib.Path(__file__).resolve().parents[2] / "android_bench" / "README.md"


def test_links_and_pictures_lead_to_files():
    targets = re.findall(r'\]\((?!https?:)([^)#]+)\)|<img src="([^"]+)"', PAGE.read_text())
    assert len(targets) > 8
    for target in map("".join, targets):
        assert (PAGE.parent / target).is_file(), target
