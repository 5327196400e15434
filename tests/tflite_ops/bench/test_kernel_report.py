# SPDX-License-Identifier: Apache-2.0
"""A loop that has become slower than its checked-in figure is named, with the command that renews the report."""

from __future__ import annotations

import pathlib
import sys

import pytest

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "tflite_ops" / "bench"))

import arm_cycles  # noqa: E402
import kernel_report  # noqa: E402
import x86_instructions  # noqa: E402
from kernel_report import Report, UnavailableError  # noqa: E402

TOOLS = {"compiler": "13"}

DISASSEMBLY = """
0000000000000000 <void tfsparse::core::(anonymous namespace)::Tiles<(tfsparse::core::(anonymous namespace)::Follow)2, 8, 2>(tfsparse::core::RgemmTiles const&)>:
       0:	cbz	x1, 1c <tail+0x1c>
       4:	fadd	v0.4s, v0.4s, v1.4s
       8:	b.ne	4 <loop+0x4>  // b.any
       c:	ldr	q2, [x0], #16
      10:	fmla	v0.4s, v1.4s, v2.s[0]
      14:	fmla	v3.4s, v1.4s, v2.s[0]
      18:	b.ne	c <loop+0xc>  // b.any
      1c:	b.ne	0 <outer>
      20:	ret
"""  # noqa: E501


ANNOTATED = """
2,207,654 (100.0%)  PROGRAM TOTALS
   37,469 ( 1.70%)  ???:void tfsparse::core::(anonymous namespace)::Tiles<(tfsparse::core::(anonymous namespace)::Follow)3, 6, 2>(tfsparse::core::RgemmTiles const&) [/build/run_kernels]
      425 ( 0.02%)  ???:tfsparse::core::(anonymous namespace)::Rgemv(float const*, int const*) [/build/run_kernels]
      337 ( 0.02%)  ???:tfsparse::(anonymous namespace)::RunAll(tfsparse::core::Kernels const&) [/build/run_kernels]
"""  # noqa: E501


def run(arguments: list[str], path: pathlib.Path, measured: Report, monkeypatch: pytest.MonkeyPatch) -> int:
    """The exit status of a report's command line."""
    monkeypatch.setattr(sys, "argv", ["report.py", "binary", *arguments])
    try:
        kernel_report.main("", path, lambda _: measured, lambda _: "")
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_a_slower_loop_is_named_with_the_command_that_renews(tmp_path, monkeypatch, capsys):
    path = tmp_path / "report.json"
    assert run(["--renew"], path, Report(TOOLS, {"a": {"cycles": 8.0}, "b": {"cycles": 4.0}}), monkeypatch) == 0
    slower = Report(TOOLS, {"a": {"cycles": 8.1}, "b": {"cycles": 5.0}})
    assert run(["--check"], path, slower, monkeypatch) == 1
    said = capsys.readouterr().out
    assert "b: cycles has grown from 4 to 5" in said
    assert "a:" not in said
    assert "report.py binary --renew" in said


def test_faster_loops_pass(tmp_path, monkeypatch):
    Report(TOOLS, {"a": {"cycles": 8.0}}).save(tmp_path / "report.json")
    assert run(["--check"], tmp_path / "report.json", Report(TOOLS, {"a": {"cycles": 7.0}}), monkeypatch) == 0


def test_new_and_lost_loops_are_told(tmp_path, monkeypatch, capsys):
    Report(TOOLS, {"old": {"cycles": 8.0}}).save(tmp_path / "report.json")
    assert run(["--check"], tmp_path / "report.json", Report(TOOLS, {"new": {"cycles": 7.0}}), monkeypatch) == 1
    said = capsys.readouterr().out
    assert "new is not in the report" in said
    assert "old is in the report, but no longer there" in said


def test_other_tools_and_missing_tools_skip(tmp_path, monkeypatch, capsys):
    Report(TOOLS, {"a": {"cycles": 8.0}}).save(tmp_path / "report.json")
    other = Report({"compiler": "14"}, {"a": {"cycles": 9.0}})
    assert run(["--check"], tmp_path / "report.json", other, monkeypatch) == kernel_report.SKIPPED
    assert "'14'" in capsys.readouterr().out
    with pytest.raises(UnavailableError, match="no-such-tool"):
        kernel_report.output_of("no-such-tool")


def test_the_innermost_loop_that_computes_most_is_found():
    ((name, body),) = arm_cycles.functions(DISASSEMBLY)
    assert name == "rgemm index_a 8 rows x 2 vectors"
    loop = arm_cycles.hot_loop(body)
    assert [instruction.address for instruction in loop] == [0xC, 0x10, 0x14, 0x18]
    assert arm_cycles.macs(loop) == 8


def test_arm_tiles_run_at_the_limit_of_a_cortex_a76():
    loops = Report.load(arm_cycles.PATH).loops
    kinds = ("plain", "gather_w", "index_a", "index_aw")
    for figures in (loops[f"rgemm {kind} 12 rows x 2 vectors"] for kind in kinds):
        limit = figures["macs"] / (arm_cycles.LANES * arm_cycles.CORES["cortex-a76"].multiply_adds)
        assert figures["cortex-a76"] <= 1.1 * limit


def test_instructions_of_the_kernels_alone_are_read():
    assert x86_instructions.kernels(ANNOTATED) == [("rgemm index_aw 6 rows x 2 vectors", 37469), ("Rgemv", 425)]
