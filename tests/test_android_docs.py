# SPDX-License-Identifier: Apache-2.0
"""The desk's half of docs/android.md works as written, in its order, with a folder in the place of the phone."""

from __future__ import annotations

import os
import pathlib
import re
import subprocess
import sys

import pytest

from tests.utils.phones import Phones

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs/android.md").read_text()
GUIDE, REST = PAGE.split("## Without the app")
SCRIPT = re.search(r"```python\n(.*?)```", GUIDE, re.DOTALL)[1]
COMMANDS = re.findall(r"^    (tfsparse .*)$", GUIDE, re.MULTILINE)
SHOWN = re.findall(r"^    tfsparse (.*)$", PAGE, re.MULTILINE)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A folder to work in, and an environment in which `tfsparse` and a phone are there."""
    folder = tmp_path_factory.mktemp("guide")
    phones = Phones(folder / "desk")
    phones.add("4f2a1b", app=None)
    (folder / "build/android").mkdir(parents=True)
    (folder / "build/android/tfsparse-bench.apk").write_bytes(b"PK")
    path = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "TFSPARSE_ADB": phones.adb, "KERAS_BACKEND": "tensorflow"}
    environment.pop("ANDROID_SERIAL", None)
    return folder, environment


@pytest.mark.slow
def test_the_guide_works(desk):
    folder, environment = desk

    def run(*command, shell=False):
        done = subprocess.run(
            command[0] if shell else command, shell=shell, cwd=folder, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    run(sys.executable, "-c", SCRIPT)
    shown = {command: run(command, shell=True) for command in COMMANDS}
    outputs = {" ".join(command.split()[1:3]): text for command, text in shown.items()}
    assert "4f2a1b" in outputs["android devices"]
    assert "ok" in outputs["android bench"]
    assert "here already" not in outputs["android pull"]
    assert "was there" in outputs["android push"]
    assert re.search(r"no difference shown|faster|slower", outputs["compare before"])
    measured = next((folder / "before/4f2a1b").iterdir()).read_text()
    accuracy = int(re.search(r'"correct": (\d+)', measured)[1]) / int(re.search(r'"samples": (\d+)', measured)[1])
    assert accuracy > 0.9


@pytest.mark.parametrize("command", SHOWN)
def test_every_option_shown_exists(command, cli_help):
    words = command.split()
    bench = words[:2] if words[1] == "show" else ["bench", "model"]
    names = {"android": words[:2], "bench": bench}.get(words[0], words[:1])
    known = cli_help(*names)
    for option in re.findall(r"(--[a-z-]+)", command):
        assert option in known, option


@pytest.fixture(scope="module")
def cli_help():
    """What `--help` of a command says."""
    from typer.testing import CliRunner

    from tfsparse.cli.main import app

    return lambda *names: CliRunner().invoke(app, [*names, "--help"], terminal_width=200).output


def test_links_lead_to_files():
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)\)", PAGE):
        assert (ROOT / "docs" / target).exists(), target


def test_make_targets_exist():
    makefiles = "".join(path.read_text() for path in [ROOT / "Makefile", *ROOT.glob("android_bench/**/*.mk")])
    for target in re.findall(r"^    make (\S+)", PAGE, re.MULTILINE):
        assert re.search(rf"^{target}:", makefiles, re.MULTILINE), target
