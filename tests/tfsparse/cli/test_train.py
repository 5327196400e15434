# SPDX-License-Identifier: Apache-2.0
"""`tfsparse train` runs recipes, survives kills, and says what is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

from tfsparse.datasets import load_digits
from tfsparse.models import find_model

RECIPE = """
name: tiny
model: lenet4
model_options: {width: 0.1, dropout: 0.5}
profiled_samples: 20
stages:
  - {stage: dense, epochs: 2, batch_size: 8, optimizer: {learning_rate: 0.005}}
  - stage: winners
    accuracy_budget: 1.0
    rounds: 1
    calibration_samples: 50
    finetune: {epochs: 1, batch_size: 8}
  - stage: activations
    regularizer: {name: tl1, l: 1.0e-4}
    adaptive: {growth: 4.0}
    accuracy_budget: 1.0
    calibration_samples: 50
    finetune: {epochs: 3, batch_size: 8}
"""


@pytest.fixture
def files(tmp_path):
    """A recipe and a data set in files."""
    digits = load_digits(side=8)
    arrays = {"x_train": digits.x_train, "y_train": digits.y_train, "x_test": digits.x_test, "y_test": digits.y_test}
    np.savez(tmp_path / "digits.npz", **{name: array[:300] for name, array in arrays.items()})
    (tmp_path / "tiny.yaml").write_text(RECIPE)
    return "--recipe", tmp_path / "tiny.yaml", "--data", tmp_path / "digits.npz"


def stopped_after(line, how, arguments):
    """Runs the command until it has told something, and a moment more; then stops it; gives exit code and text."""
    command = [sys.executable, "-m", "tfsparse.cli.main", "train", *map(str, arguments)]
    process = subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"}
    )
    for told in process.stderr:
        if line in told:
            break
    time.sleep(0.1)
    process.send_signal(how)
    rest = process.stderr.read()
    process.stderr.close()
    return process.wait(), rest


@pytest.mark.slow
def test_killed_and_interrupted_it_ends_the_same(cli, files, tmp_path):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    result = cli("train", *files, "--output", whole)
    assert result.exit_code == 0, result.output
    for row in ("accuracy, test", "MACs after winners-take-all", "feature maps pruned"):
        assert row in result.stdout
    code, told = stopped_after("01-dense, epoch 1/2", signal.SIGINT, [*files, "--output", parts])
    assert code == 130
    assert "The same command goes on" in told
    # In the midst of a stage whose penalties adapt from epoch to epoch.
    code, _ = stopped_after("03-activations round-1, epoch 2/3", signal.SIGKILL, [*files, "--output", parts])
    assert code == -signal.SIGKILL
    assert json.loads((parts / "run.json").read_text())["state"] == "running"
    again = cli("train", *files, "--output", parts, "--resume")
    assert again.exit_code == 0, again.output
    assert "epoch 2/3" not in again.stderr
    histories = [json.loads((folder / "history.json").read_text()) for folder in (whole, parts)]
    for row, other in zip(*histories, strict=True):
        assert {**row, "seconds": 0} == {**other, "seconds": 0}
    adapted = [row["activation_weight/conv2"] for row in histories[1] if row["stage"] == "03-activations"]
    assert adapted[0] == 1.0 < adapted[1] < adapted[2]
    models = [keras.models.load_model(folder / "model.keras") for folder in (whole, parts)]
    for weight, other in zip(*(model.get_weights() for model in models), strict=True):
        np.testing.assert_array_equal(weight, other)
    assert (parts / "model.tflite").is_file()
    assert "Wrote" in again.stderr
    assert "accuracy" in (parts / "report.html").read_text()


def test_a_page_that_cannot_be_written_does_not_fail_a_training(cli, files, tmp_path):
    arguments = [*files, "--set", "stages=[{stage: dense, epochs: 1, batch_size: 100}]", "--output", tmp_path / "run"]
    (tmp_path / "run").mkdir()
    first = cli("train", *arguments)
    assert first.exit_code == 0, first.output
    (tmp_path / "run" / "report.html").unlink()
    (tmp_path / "run" / "report.html").mkdir()
    result = cli("train", *arguments)
    assert result.exit_code == 0, result.output
    assert "report.html is not written" in result.stderr
    assert "accuracy, test" in result.stdout


def test_a_trained_model_skips_the_dense_training(cli, files, tmp_path):
    trained = tmp_path / "trained.keras"
    network = find_model("lenet4").build(input_shape=(8, 8, 1), num_classes=10, width=0.1)
    network.save(trained)
    result = cli("train", *files, "--model", trained, "--output", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert "01-winners" in result.stdout
    assert "dense, epoch" not in result.stderr
    masked = keras.models.load_model(tmp_path / "run" / "model.keras")
    assert [weight.shape for weight in masked.trainable_weights] == [
        weight.shape for weight in network.trainable_weights
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--recipe", "dasnet", "--model", "none.keras"], "none.keras does not exist"),
        (["--recipe", "dasnet", "--model", "lenet99"], "lenet4"),
        (["--recipe", "dropnet"], "dasnet"),
        (["--recipe", "dasnet"], "names no model"),
        (["--recipe", "none.yaml"], "none.yaml"),
        (["--recipe", "dasnet-lenet4", "--set", "stages.0.epochs=no"], "stages.0.epochs"),
        (["--recipe", "dasnet-lenet4", "--data", "none.npz"], "none.npz"),
        (["--recipe", "dasnet-lenet4", "--resume"], "no run"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_made(cli, tmp_path, arguments, message):
    result = cli("train", *arguments, "--output", tmp_path / "run")
    assert result.exit_code == 2
    assert message in result.stderr
    assert not (tmp_path / "run").exists()
