# SPDX-License-Identifier: Apache-2.0
"""Figures of the kernels' loops that are checked in, so that a change that makes a loop slower is seen."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SKIPPED = 77
"""The exit status that ctest takes for a test that could not run."""

TOLERANCE = 0.02
"""Growth of a figure that passes."""

Figures = dict[str, float]
_TILE = re.compile(r"Tiles<\(Follow\)(\d), (\d+), (\d+)>")
_FOLLOW = ("plain", "gather_w", "index_a", "index_aw")


class UnavailableError(Exception):
    """A tool is missing, or this machine cannot run the kernels."""


@dataclass(frozen=True)
class Report:
    """What was measured, and with which tools.

    Attributes:
        tools: Versions of what the figures depend on. Figures of other versions are not compared.
        loops: Figures of each kernel; the smaller the better.
    """

    tools: dict[str, str]
    loops: dict[str, Figures]

    @classmethod
    def load(cls, path: Path) -> Report:
        """Reads what `save` has written."""
        return cls(**json.loads(path.read_text()))

    def save(self, path: Path) -> None:
        """Writes a kernel a line, so that a difference shows what has changed."""
        lines = [f"    {json.dumps(name)}: {json.dumps(self.loops[name])}" for name in sorted(self.loops)]
        tools = json.dumps(self.tools)
        path.write_text('{\n  "tools": ' + tools + ',\n  "loops": {\n' + ",\n".join(lines) + "\n  }\n}\n")


def kernel_name(symbol: str) -> str:
    """A kernel's name without namespaces and arguments, the tiles of products with the kind and width they have."""
    bare = symbol.replace("(anonymous namespace)::", "").replace("tfsparse::core::", "").removeprefix("void ")
    bare = re.sub(r"(?<=[\w>])\(.*", "", bare)
    return _TILE.sub(lambda tile: f"rgemm {_FOLLOW[int(tile[1])]} {tile[2]} rows x {tile[3]} vectors", bare)


def output_of(*command: str, text: str | None = None) -> str:
    """What a command prints."""
    try:
        return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
    except FileNotFoundError as error:
        raise UnavailableError(f"{command[0]} is not installed") from error


def compare(recorded: Report, measured: Report) -> list[str]:
    """What is worse than recorded, or recorded for one side alone; a line each."""
    complaints = [f"{name} is not in the report" for name in measured.loops.keys() - recorded.loops.keys()]
    complaints += [f"{name} is in the report, but no longer there" for name in recorded.loops.keys() - measured.loops]
    for name in recorded.loops.keys() & measured.loops.keys():
        for figure, before in recorded.loops[name].items():
            now = measured.loops[name][figure]
            if now > before * (1 + TOLERANCE):
                complaints.append(f"{name}: {figure} has grown from {before:g} to {now:g}")
    return sorted(complaints)


def main(description: str, path: Path, measure: Callable[[str], Report], show: Callable[[Report], str]) -> None:
    """The command line of a report: show what is measured, check it against the report, or renew the report."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("binary", help="the file that holds the kernels")
    parser.add_argument("--check", action="store_true", help="fail if a loop is worse than recorded")
    parser.add_argument("--renew", action="store_true", help=f"write {path.name}")
    arguments = parser.parse_args()
    try:
        measured = measure(arguments.binary)
    except UnavailableError as reason:
        print(f"skipped: {reason}")
        sys.exit(SKIPPED)
    if arguments.renew:
        measured.save(path)
    print(show(measured))
    if arguments.check:
        _check(path, measured)


def _check(path: Path, measured: Report) -> None:
    recorded = Report.load(path)
    if recorded.tools != measured.tools:
        print(f"skipped: the report was made with {recorded.tools}, this is {measured.tools}")
        sys.exit(SKIPPED)
    complaints = compare(recorded, measured)
    if complaints:
        command = " ".join([sys.executable, *sys.argv]).replace("--check", "--renew")
        print("\n".join(complaints))
        print(f"If that is meant to be, renew the report {path} with\n  {command}")
        sys.exit(1)
