# SPDX-License-Identifier: Apache-2.0
"""`tfsparse train --distribute` runs every stage."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import numpy as np
import pytest

from tfsparse.datasets import load_digits

PROGRAM = """
import tensorflow as tf
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)
from tfsparse.cli.main import main
main()
"""
RECIPE = """
name: every-stage
model: lenet4
model_options: {width: 0.2, dropout: 0.2}
profiled_samples: 20
stages:
  - {stage: dense, epochs: 2, batch_size: 30}
  - {stage: shrink_weights, finetune: {epochs: 1, batch_size: 30}}
  - {stage: prune, sparsity: 0.5, schedule: constant, finetune: {epochs: 1, batch_size: 30}}
  - stage: winners
    accuracy_budget: 1.0
    rounds: 2
    start_from: passed
    calibration_samples: 50
    finetune: {epochs: 1, batch_size: 30, distill: {}}
  - stage: activations
    regularizer: {name: tl1, l: [1.0e-6, 1.0e-5]}
    adaptive: {}
    smallest: 0.2
    search_thresholds: true
    accuracy_budget: 1.0
    calibration_samples: 50
    finetune: {epochs: 2, batch_size: 30}
"""


@pytest.mark.slow
def test_every_stage_runs_on_two_devices(tmp_path):
    digits = load_digits(side=8)
    arrays = {"x_train": digits.x_train, "y_train": digits.y_train, "x_test": digits.x_test, "y_test": digits.y_test}
    np.savez(tmp_path / "digits.npz", **{name: array[:301] for name, array in arrays.items()})
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    arguments = ["train", "--recipe", "recipe.yaml", "--data", "digits.npz", "--output", "run"]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments, "--distribute", "mirrored"],
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "-1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    dense, shrunk, pruned, masked, sparse = json.loads((tmp_path / "run" / "results.json").read_text())["stages"]
    assert dense["weight_zeros"] == shrunk["weight_zeros"] == 0
    for later in (pruned, masked, sparse):
        assert later["weight_zeros"] == pytest.approx(0.5, abs=0.01)
    assert dense["macs_after_wta"] == pruned["macs_after_wta"] > masked["macs_after_wta"] == sparse["macs_after_wta"]
    assert sparse["activation_zeros"] > masked["activation_zeros"]
    assert all(np.isfinite(row["val_loss"]) for row in json.loads((tmp_path / "run" / "history.json").read_text()))
    assert (tmp_path / "run" / "model.tflite").is_file()
