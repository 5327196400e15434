# SPDX-License-Identifier: Apache-2.0
"""The progress bar: for people, and only for what takes a while."""

from __future__ import annotations

import io
import time

import pytest

from tfsparse import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("patience", "shown"), [(0.0, True), (60.0, False)])
def test_shows_a_bar_only_after_a_while(monkeypatch, patience, shown):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress, "_SECONDS_WITHOUT_BAR", patience)
    for _ in progress.with_progress(range(3), "Working", 3):
        time.sleep(0.15)
    assert ("Working" in terminal.getvalue()) is shown


def test_shows_no_bar_without_a_terminal(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress, "_SECONDS_WITHOUT_BAR", 0.0)
    assert list(progress.with_progress(range(3), "Working", 3)) == [0, 1, 2]
    assert stream.getvalue() == ""
