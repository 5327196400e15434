# SPDX-License-Identifier: Apache-2.0
"""Every example runs, does what it says, and stays short enough to read."""

from __future__ import annotations

import csv
import json
import pathlib
import runpy
import sys

import pytest

EXAMPLES = pathlib.Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def run(monkeypatch, tmp_path, capsys):
    """Runs an example in an empty folder and returns what it printed."""
    monkeypatch.chdir(tmp_path)

    def run_example(name, *arguments):
        monkeypatch.setattr(sys, "argv", [name, *arguments])
        runpy.run_path(str(EXAMPLES / name), run_name="__main__")
        return capsys.readouterr().out

    return run_example


def test_every_example_is_run_here():
    tested = pathlib.Path(__file__).read_text()
    for path in EXAMPLES.glob("*.py"):
        assert f'run("{path.name}"' in tested


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_every_example_is_short_and_says_how_to_run_it(path):
    text = path.read_text()
    assert len(text.splitlines()) < 80
    assert f"python examples/{path.name}" in text


@pytest.mark.slow
def test_train_wta_learns_and_saves(run):
    printed = run("train_wta.py", "--epochs", "4", "--winner-rate", "0.4", "--save", "model.keras")
    accuracy = float(printed.split("Accuracy ")[1].split("%")[0])
    assert accuracy > 80
    assert pathlib.Path("model.keras").exists()


@pytest.mark.slow
def test_prune_and_monitor_logs_the_sparsity(run):
    printed = run("prune_and_monitor.py", "--epochs", "3", "--sparsity", "0.7", "--log", "log.csv")
    assert "Accuracy" in printed
    with pathlib.Path("log.csv").open() as file:
        last = list(csv.DictReader(file))[-1]
    assert float(last["weight_sparsity/conv2"]) == pytest.approx(0.7, abs=0.001)
    assert 0 < float(last["activation_sparsity/relu1"]) < 1


@pytest.mark.slow
def test_convert_and_verify_agrees(run):
    printed = run("convert_and_verify.py", "--epochs", "3", "--output", "out.tflite")
    assert "TfSparseWinnerConv2D" in printed
    assert "agree on 16 samples" in printed
    assert pathlib.Path("out.tflite").exists()


def test_bench_host_compares(run):
    printed = run("bench_host.py", "--runs", "5", "--json", "result.json")
    assert "speed-up" in printed
    assert json.loads(pathlib.Path("result.json").read_text())["mac_ratio"] == 0.5


def saved(line):
    return float(line.split("% of the MACs saved")[0].rpartition(" ")[2])


@pytest.mark.slow
def test_dasnet_by_hand_saves_multiplications(run):
    printed = run("dasnet_by_hand.py", "--epochs", "2", "--budget", "1")
    shares = [float(part.split("%")[0]) for part in printed.split(": ")[2:] if "% of the MACs" in part]
    assert len(shares) == 4
    assert shares == sorted(shares, reverse=True)
    assert "Accuracy" in printed


@pytest.mark.slow
def test_jpnet_by_hand_saves_more_with_weights_and_activations(run):
    dense, pruned, joint = run("jpnet_by_hand.py", "--epochs", "2").splitlines()
    assert saved(dense) < saved(pruned) < saved(joint)
    assert "80.0% zero weights" in joint


@pytest.mark.slow
def test_dual_sparse_by_hand_saves_step_by_step(run):
    dense, pruned, dual = run("dual_sparse_by_hand.py", "--epochs", "2", "--l", "1e-3").splitlines()
    assert saved(dense) < saved(pruned) < saved(dual)
