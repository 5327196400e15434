# SPDX-License-Identifier: Apache-2.0
"""What all commands have in common: help, exit codes, one message per error."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys

import pytest

import tfsparse
from tfsparse.cli.report import report
from tfsparse.cli.search import search
from tfsparse.cli.train import train
from tfsparse.errors import ModelFormatError

COMMANDS = [
    "demo",
    "train",
    "search",
    "report",
    "models",
    "profile",
    "convert",
    "inspect",
    "verify",
    "evaluate",
    "bench",
    "compare",
    "android",
]
SUBCOMMANDS = [
    ["bench", "model"],
    ["bench", "layers"],
    ["bench", "suite"],
    *(["android", name] for name in ("devices", "push", "bench", "pull")),
]
HEAVY = ("keras", "tensorflow", "numpy", "ai_edge_litert", "sklearn")


@pytest.mark.parametrize("command", [*([command] for command in COMMANDS), *SUBCOMMANDS], ids=" ".join)
def test_every_command_has_help_with_examples(cli, command):
    result = cli(*command, "--help")
    assert result.exit_code == 0
    assert f"tfsparse {command[0]}" in result.output
    assert "Examples" in result.output


@pytest.mark.parametrize("command", [train, search, report], ids=lambda command: command.__name__)
def test_help_and_its_examples_fit_a_terminal_of_80_columns(cli, command, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    lines = [line.strip() for line in cli(command.__name__, "--help").output.splitlines()]
    examples = re.findall(rf"^ {{8}}(tfsparse {command.__name__} .*)$", command.__doc__, re.MULTILINE)
    assert examples
    assert set(examples) <= set(lines)
    assert not any("…" in line for line in lines)


def test_help_lists_every_command(cli):
    output = cli("--help").output
    assert all(command in output for command in COMMANDS)


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom tfsparse.cli.main import app\n"
        "try: app(['--help'])\nexcept SystemExit: pass\n"
        f"print('loaded:', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "loaded: []" in shown


def test_version(cli):
    assert cli("--version").output.strip() == f"tfsparse {tfsparse.__version__}"


@pytest.mark.parametrize("command", ["inspect", "bench"])
def test_an_error_is_one_message_and_exit_code_2(cli, tmp_path, command):
    result = cli(command, tmp_path / "none.tflite")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert "none.tflite" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("content", [b"", b"hello", b"\x1c\0\0\0TFL3" + bytes(100)])
def test_damaged_files_are_reported(cli, tmp_path, content):
    path = tmp_path / "bad.tflite"
    path.write_bytes(content)
    result = cli("inspect", path)
    assert result.exit_code == 2
    assert "bad.tflite" in result.stderr


def test_a_folder_is_no_model(cli, tmp_path):
    result = cli("inspect", tmp_path)
    assert result.exit_code == 2
    assert "Error: " in result.stderr


def test_debug_lets_the_exception_through(cli, tmp_path):
    result = cli("--debug", "inspect", tmp_path / "none.tflite")
    assert isinstance(result.exception, ModelFormatError)


def test_a_bug_is_called_one(cli, sparse_file, monkeypatch):
    def broken(model):
        raise AssertionError("surprise")

    monkeypatch.setattr("tfsparse.inspection.describe_model", broken)
    result = cli("inspect", sparse_file)
    assert result.exit_code == 1
    assert "Internal error: AssertionError: surprise" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [["inspect"], ["bench", "x.tflite", "--runs", "0"], ["nonsense"], ["--nonsense"]])
def test_wrong_usage_is_exit_code_2(cli, arguments):
    assert cli(*arguments).exit_code == 2


def test_interrupting_leaves_no_trace(cli, sparse_file, tmp_path, monkeypatch):
    result = tmp_path / "result.json"
    result.write_text("old")
    monkeypatch.setattr("tfsparse.bench.runner.time_by_turns", lambda *_: signal.raise_signal(signal.SIGINT))
    done = cli("bench", sparse_file, "--json", result)
    assert done.exit_code == 130
    assert "Interrupted" in done.stderr
    assert "Traceback" not in done.output
    assert result.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["result.json", "sparse.tflite"]
