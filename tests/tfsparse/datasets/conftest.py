# SPDX-License-Identifier: Apache-2.0
"""Small data sets made on the spot."""

from __future__ import annotations

import numpy as np
import pytest

from tests.utils.images import encoded


@pytest.fixture
def image_folder(tmp_path):
    """A folder of images: per class three to train on and one to test on, of one colour that tells the class."""
    root = tmp_path / "flowers"
    for label, name in enumerate(["aster", "rose", "tulip"]):
        for part, count in (("train", 3), ("test", 1)):
            folder = root / part / name
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = np.full((6, 8, 3), (50 * label, number, 255), np.uint8)
                (folder / f"{number}.png").write_bytes(encoded(pixels))
    return root
