# SPDX-License-Identifier: Apache-2.0
"""Who may include and import whom, as far as import-linter does not see it."""

from __future__ import annotations

import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
NATIVE = ROOT / "tflite_ops"
MAY_INCLUDE = {
    "core": {"core"},
    "c_api": {"c_api"},
    "tflite": {"tflite", "core", "c_api"},
    "bench": {"bench", "tflite", "core"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+(?:"(?P<ours>[^"]+)"|<(?P<system>[^>]+)>)', re.MULTILINE)
FOREIGN = re.compile(r"^(tensorflow|flatbuffers|xnnpack|gtest|tflite/core)/")


def includes(folder: str):
    for source in (NATIVE / folder).rglob("*"):
        if source.suffix in {".h", ".cc"}:
            for match in INCLUDE.finditer(source.read_text()):
                yield source, match["ours"], match["system"]


@pytest.mark.parametrize("folder", sorted(MAY_INCLUDE))
def test_native_code_includes_nothing_upward(folder):
    found = [(source.name, ours) for source, ours, _ in includes(folder) if ours]
    wrong = [(name, header) for name, header in found if header.split("/")[0] not in MAY_INCLUDE[folder]]
    assert not wrong


@pytest.mark.parametrize("folder", ["core", "c_api", "tflite"])
def test_native_code_includes_no_foreign_library(folder):
    assert not [(source.name, system) for source, _, system in includes(folder) if system and FOREIGN.match(system)]


HEAVY = ("keras", "tensorflow", "jax", "torch", "ai_edge_litert", "typer", "rich", "numpy")


def test_importing_the_package_loads_nothing_heavy():
    code = f"import sys, tfsparse; print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert shown.strip() == "[]"


def test_every_public_name_resolves():
    import tfsparse

    for name in tfsparse.__all__:
        assert getattr(tfsparse, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    import tfsparse

    with pytest.raises(AttributeError, match="no attribute 'prune_everything'"):
        tfsparse.prune_everything  # noqa: B018
