# SPDX-License-Identifier: Apache-2.0
"""Image files made on the spot."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image


def encoded(pixels: np.ndarray, kind: str = "png") -> bytes:
    """The content of an image file with these pixels.

    Args:
        pixels: `[height, width]` or `[height, width, 3]`.
        kind: Name of a format that Pillow writes.
    """
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()
