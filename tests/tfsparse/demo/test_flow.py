# SPDX-License-Identifier: Apache-2.0
"""The demo goes the whole way, and says where the result falls short."""

from __future__ import annotations

import contextlib
import dataclasses
import json

import numpy as np
import pytest

from tfsparse.datasets import Dataset, load_digits
from tfsparse.demo import DemoSettings, run_demo
from tfsparse.errors import InvalidArgumentError
from tfsparse.inspection import describe_model
from tfsparse.models import digits_net

SETTINGS = DemoSettings(epochs=1, finetune_epochs=1, energy=0.99, weight_sparsity=0.25, batch_size=64, runs=20)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def stages():
    """Label of each stage → [steps announced, steps made]."""
    return {}


@pytest.fixture(scope="module")
def result(folder, stages):
    @contextlib.contextmanager
    def stage(label, steps=None):
        stages[label] = [steps, 0]

        def advance():
            stages[label][1] += 1

        yield advance

    return run_demo(load_digits(side=12), digits_net, folder, SETTINGS, stage)


def test_files_are_those_that_were_measured(result, folder):
    assert sorted(path.name for path in folder.iterdir()) == [
        "dense.keras", "dense.tflite", "sparse.keras", "sparse.tflite"
    ]  # fmt: skip
    assert result.bench.sparse.macs == describe_model(folder / "sparse.tflite").macs
    assert result.bench.dense.winner_rates == {}


def test_every_stage_makes_the_steps_it_announced(result, stages):
    assert stages["Train the dense model"] == [22, 22]
    assert stages["Finetune with winners-take-all"] == [22, 22]
    assert stages["Measure"] == [30, 30]
    assert all(steps is None or steps == made for steps, made in stages.values())


def test_rates_are_in_the_file(result):
    found = result.bench.sparse.winner_rates
    assert found == pytest.approx({f"wta_{name}": rate for name, rate in result.winner_rates.items()}, abs=1e-6)
    assert 0 < result.pruned_feature_maps < 1


def test_weights_are_pruned_and_the_file_verified(result):
    assert result.weight_sparsity == pytest.approx(0.25, abs=0.005)
    assert result.verification.passed


def test_result_is_json(result):
    stored = json.loads(result.to_json())
    assert stored["settings"]["energy"] == 0.99
    assert stored["bench"]["mac_ratio"] < 1


def test_shortcomings_are_named(result):
    speedup = dataclasses.replace(result.bench.speedup, value=2.0)
    good = dataclasses.replace(
        result, dense_accuracy=0.98, sparse_accuracy=0.975, bench=dataclasses.replace(result.bench, speedup=speedup)
    )
    assert good.shortcoming() is None
    assert "loses 2.00% accuracy" in dataclasses.replace(good, sparse_accuracy=0.96).shortcoming()
    slower = dataclasses.replace(good.bench, speedup=dataclasses.replace(speedup, value=0.9))
    assert "not faster" in dataclasses.replace(good, bench=slower).shortcoming()
    differs = dataclasses.replace(good.verification, passed=False, first_difference="conv3")
    assert "conv3" in dataclasses.replace(good, verification=differs).shortcoming()


@pytest.mark.parametrize("changes", [{"energy": 0.0}, {"energy": 1.5}, {"pruned_maps": 1.0}, {"weight_sparsity": -0.1}])
def test_settings_outside_their_range_are_refused(changes):
    with pytest.raises(InvalidArgumentError, match=next(iter(changes))):
        DemoSettings(**changes)


def test_data_without_a_training_part_is_refused(tmp_path):
    x, y = np.zeros((2, 12, 12), np.float32), np.zeros(2, np.int32)
    with pytest.raises(InvalidArgumentError, match="nothing to train on"):
        run_demo(Dataset(x[:0], y[:0], x, y), digits_net, tmp_path)
