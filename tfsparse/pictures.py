# SPDX-License-Identifier: Apache-2.0
"""Pictures that matplotlib draws, as files."""

from __future__ import annotations

import importlib.util
import io
from pathlib import Path
from typing import TYPE_CHECKING

from tfsparse.conversion.files import check_writable, write_atomically
from tfsparse.errors import InvalidArgumentError, RuntimeUnavailableError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".svg", ".png", ".pdf")


def check_picture(path: Path) -> None:
    """Tells before the long work what would keep a picture from being drawn after it.

    Args:
        path: The file to write, new or old.

    Raises:
        InvalidArgumentError: The file's name ends in no format that can be drawn.
        ConversionError: The file cannot be written.
        RuntimeUnavailableError: matplotlib is missing.
    """
    if path.suffix.lower() not in FORMATS:
        raise InvalidArgumentError(
            f"{path} cannot be drawn.", expected=f"a name that ends in {', '.join(FORMATS)}", received=path.suffix
        )
    check_writable(path, overwrite=True)
    if importlib.util.find_spec("matplotlib") is None:
        raise RuntimeUnavailableError(
            "Pictures need matplotlib, which is missing.", remedy="Install it: pip install 'tfsparse[plot]'."
        )


def save_figure(figure: Figure, path: Path) -> None:
    """Writes a figure as a whole or not at all; the same figure gives the same SVG.

    Args:
        figure: What to write.
        path: SVG, PNG or PDF by its ending.
    """
    import matplotlib

    content = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "tfsparse"}):
        figure.savefig(content, format=path.suffix[1:].lower(), dpi=150)
    write_atomically(path, content.getvalue())
