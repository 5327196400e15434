# SPDX-License-Identifier: Apache-2.0
"""Figures as SVG inside a page, and as PNG."""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from tfsparse.report.theme import COLORS, PAPER

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SVG_LIMIT = 400_000
"""Characters up to which a figure is put into the page as SVG; a larger one becomes a PNG."""

_SVG, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"
_VARIABLES = {color.light: f"var(--{color.name})" for color in COLORS}
_DPI = 150


def as_svg(figure: Figure, key: str, alt: str) -> str:
    """A figure as an SVG element of a page, in the page's colours.

    Args:
        figure: The figure, drawn with the light colours of the theme.
        key: Unique on the page; it keeps the element's identifiers apart from those of others.
        alt: What a screen reader says.
    """
    content = io.BytesIO()
    figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    root = ElementTree.fromstring(content.getvalue())
    for each in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(each)
    for element in root.iter():
        element.attrib = {name: _adapted(name, value, key) for name, value in element.attrib.items()}
    for name in ("width", "height"):
        del root.attrib[name]
    root.attrib.update({"role": "img", "aria-label": alt})
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", _XLINK)
    return ElementTree.tostring(root, encoding="unicode")


def as_png(figure: Figure) -> bytes:
    """A figure as a PNG file, in the light colours."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=_DPI, facecolor=PAPER.light)
    return content.getvalue()


def as_data_uri(png: bytes) -> str:
    """A PNG file as the address of itself."""
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _adapted(name: str, value: str, key: str) -> str:
    if name == "id":
        return f"{key}-{value}"
    if name == f"{{{_XLINK}}}href" and value.startswith("#"):
        return f"#{key}-{value[1:]}"
    value = value.replace("url(#", f"url(#{key}-")
    return re.sub(r"#[0-9a-f]{6}\b", lambda found: _VARIABLES.get(found.group(), found.group()), value)
