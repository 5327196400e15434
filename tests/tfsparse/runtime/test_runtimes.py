# SPDX-License-Identifier: Apache-2.0
"""Which interpreter package is taken, and what is said where it is missing."""

from __future__ import annotations

import sys

import pytest

from tfsparse.errors import InvalidArgumentError, RuntimeUnavailableError
from tfsparse.runtime.runtimes import RUNTIMES, load_runtime


@pytest.fixture
def without(monkeypatch):
    """Makes packages look as if they were not installed."""

    def hide(*names):
        for name in names:
            monkeypatch.setitem(sys.modules, name, None)

    return hide


@pytest.mark.parametrize("name", ["ai_edge_litert", "tensorflow"])
def test_a_runtime_is_loaded_by_name(name):
    runtime = load_runtime(name)
    assert runtime.name == name
    assert runtime.version[0].isdigit()


def test_auto_takes_the_first(without):
    assert load_runtime().name == RUNTIMES[0]


def test_auto_takes_the_next_where_the_first_is_missing(without):
    without("ai_edge_litert")
    assert load_runtime().name == "tensorflow"


def test_auto_without_any_names_all(without):
    without(*RUNTIMES)
    with pytest.raises(RuntimeUnavailableError, match=r"pip install ai-edge-litert"):
        load_runtime()


@pytest.mark.parametrize("name", RUNTIMES)
def test_a_missing_runtime_says_how_to_install_it(without, name):
    without(name)
    with pytest.raises(RuntimeUnavailableError, match=rf"{name} cannot be imported.*pip install"):
        load_runtime(name)


def test_an_unknown_runtime_is_refused():
    with pytest.raises(InvalidArgumentError, match=r"Unknown runtime.*auto, ai_edge_litert.*Received: onnx"):
        load_runtime("onnx")
