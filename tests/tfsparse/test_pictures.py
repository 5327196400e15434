# SPDX-License-Identifier: Apache-2.0
"""Pictures have the format that their name asks for, and what keeps them from being drawn is told before."""

from __future__ import annotations

import importlib.util

import pytest
from matplotlib.figure import Figure

from tfsparse.errors import ConversionError, InvalidArgumentError, RuntimeUnavailableError
from tfsparse.pictures import FORMATS, check_picture, save_figure


@pytest.mark.parametrize(("suffix", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml")])
def test_the_ending_chooses_the_format(tmp_path, suffix, start):
    assert suffix in FORMATS
    check_picture(tmp_path / f"layers{suffix}")
    save_figure(Figure(figsize=(1, 1)), tmp_path / f"layers{suffix}")
    assert (tmp_path / f"layers{suffix}").read_bytes().startswith(start)


def test_what_cannot_be_drawn_is_told(tmp_path, monkeypatch):
    with pytest.raises(InvalidArgumentError, match=r"ends in \.svg, \.png, \.pdf"):
        check_picture(tmp_path / "layers.gif")
    with pytest.raises(ConversionError, match="folder"):
        check_picture(tmp_path / "none" / "layers.svg")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RuntimeUnavailableError, match=r"tfsparse\[plot\]"):
        check_picture(tmp_path / "layers.svg")
    assert list(tmp_path.iterdir()) == []
