# SPDX-License-Identifier: Apache-2.0
"""What README shows works as written."""

from __future__ import annotations

import pathlib
import re

import keras
import numpy as np
import pytest
from typer.testing import CliRunner

ROOT = pathlib.Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
PYTHON_BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
COMMANDS = sorted(set(re.findall(r"^    tfsparse (\S+)", README, re.MULTILINE)))


@pytest.mark.slow
@pytest.mark.parametrize("block", PYTHON_BLOCKS)
def test_python_block_runs(block, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    keras.utils.set_random_seed(0)
    x = np.random.default_rng(0).random((256, 12, 12, 1), np.float32)
    y = np.arange(256) % 4
    model = keras.Sequential(
        [
            keras.Input((12, 12, 1)),
            keras.layers.Conv2D(16, 3, activation="relu", name="first"),
            keras.layers.Conv2D(16, 3, activation="relu", name="second"),
            keras.layers.Flatten(),
            keras.layers.Dense(4),
        ]
    )
    names = {"model": model, "x_train": x, "y_train": y, "x_test": x, "y_test": y}
    exec(compile(block, "README.md", "exec"), names)
    assert names["labels"].shape == (256,)
    assert (tmp_path / "sparse.tflite").is_file()
    assert "wta_second" in capsys.readouterr().out


@pytest.mark.parametrize("command", COMMANDS)
def test_command_exists(command):
    from tfsparse.cli.main import app

    assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0


def test_readme_links_lead_to_files():
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_quick_start_targets_are_in_the_makefile():
    makefile = "".join(path.read_text() for path in [ROOT / "Makefile", *ROOT.glob("android_bench/**/*.mk")])
    for target in re.findall(r"^    make (\S+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
