# SPDX-License-Identifier: Apache-2.0
"""Several devices and processes train as one: the same masks, weights and statistics everywhere."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import sys

import keras
import numpy as np
import pytest

from tfsparse.errors import InvalidArgumentError
from tfsparse.training.distribution import distributed, replicas

TWO_CPUS = "--xla_force_host_platform_device_count=2"
PROGRAM = pathlib.Path(__file__).with_name("distributed_program.py")


def start(backend, distribution, folder, report, *flags, **environment):
    return subprocess.Popen(
        [sys.executable, PROGRAM, distribution, folder, report, *flags],
        env={**os.environ, "KERAS_BACKEND": backend, "CUDA_VISIBLE_DEVICES": "-1", **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


def reports(processes, paths):
    """What the programs wrote, once all of them have ended well."""
    try:
        for process in processes:
            errors = process.communicate(timeout=500)[1]
            assert process.returncode == 0, errors[-4000:]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    return [json.loads(path.read_text()) for path in paths]


@pytest.fixture(scope="module")
def mirrored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mirrored")
    path = folder / "report.json"
    return reports([start("tensorflow", "mirrored", folder, path, "compare")], [path])[0]


@pytest.fixture(scope="module")
def data_parallel(tmp_path_factory):
    pytest.importorskip("jax")
    folder = tmp_path_factory.mktemp("data_parallel")
    path = folder / "report.json"
    return reports([start("jax", "data_parallel", folder, path, "compare", XLA_FLAGS=TWO_CPUS)], [path])[0]


@pytest.fixture(scope="module")
def multiworker(tmp_path_factory):
    """The reports of two workers, and the folder of their run."""
    folder = tmp_path_factory.mktemp("multiworker")
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        addresses = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    paths = [folder / f"report-{index}.json" for index in range(2)]
    processes = [
        start("tensorflow", "multiworker", folder / "run", path,
              TF_CONFIG=json.dumps({"cluster": {"worker": addresses}, "task": {"type": "worker", "index": index}}))
        for index, path in enumerate(paths)
    ]  # fmt: skip
    (folder / "run").mkdir()
    return reports(processes, paths), folder / "run"


def assert_same_outcome(one, other, tolerance):
    assert one["weights"].keys() == other["weights"].keys()
    for path, values in one["weights"].items():
        np.testing.assert_allclose(values, other["weights"][path], atol=tolerance, rtol=tolerance, err_msg=path)
    for row, same in zip(one["rows"], other["rows"], strict=True):
        assert row == pytest.approx(same, rel=10 * tolerance, abs=tolerance)


def assert_sparse(report):
    for name in ("hidden/kernel", "logits/kernel"):
        kernel = np.asarray(next(values for path, values in report["weights"].items() if path.endswith(name)))
        assert np.count_nonzero(kernel) == kernel.size // 2
    assert [row["winner_rate/winners"] for row in report["rows"]] == [0.75, 0.5]
    assert next(values for path, values in report["weights"].items() if path.endswith("winners")) == 4


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mirrored", "data_parallel"])
def test_two_devices_train_as_one_and_hold_the_same(kind, request):
    report = request.getfixturevalue(kind)
    assert_same_outcome(report["alone"], report["together"], 1e-4)
    for each in [report["together"], *([report["statistics"]] if kind == "mirrored" else [])]:
        assert each["devices"] == 2
        assert each["spread"] == 0.0
        assert_sparse(each)
        assert all(np.isfinite(row["val_loss"]) and row["activation_penalty"] > 0 for row in each["rows"])


@pytest.mark.slow
def test_two_workers_go_on_together_and_end_where_two_devices_do(multiworker, mirrored):
    (chief, other), folder = multiworker
    assert [chief["chief"], other["chief"]] == [True, False]
    assert chief["resumed"]
    assert other["resumed"]
    assert_same_outcome(chief, other, 0.0)
    assert_same_outcome(chief, mirrored["statistics"], 1e-5)
    assert_sparse(chief)
    # The chief alone wrote there, and each epoch once.
    assert sorted(path.name for path in folder.iterdir()) == ["finished.weights.h5", "history.csv"]
    assert len((folder / "history.csv").read_text().splitlines()) == 1 + 2


@pytest.mark.slow
def test_workers_that_see_different_folders_all_refuse(multiworker):
    for report in multiworker[0]:
        assert "The workers see different files" in report["refused"]


def test_alone_there_is_one_replica_and_its_own_folder(tmp_path):
    with distributed("none") as crew, crew.working_folder(tmp_path) as folder:
        assert crew.is_chief
        assert replicas() == 1
        assert folder == tmp_path


BACKEND = keras.backend.backend()
OTHER, OWN = ("data_parallel", "mirrored") if BACKEND == "tensorflow" else ("mirrored", "data_parallel")


def test_another_backends_distribution_is_refused():
    with pytest.raises(InvalidArgumentError, match="KERAS_BACKEND=") as caught, distributed(OTHER):
        pass
    assert BACKEND in str(caught.value)


@pytest.mark.skipif(BACKEND == "torch", reason="PyTorch has no distribution here")
def test_a_single_device_is_refused():
    with pytest.raises(InvalidArgumentError, match="nothing to distribute"), distributed(OWN):
        pass


def test_an_unknown_distribution_is_refused():
    with pytest.raises(InvalidArgumentError, match="mirrored, multiworker"), distributed("everywhere"):
        pass


ALONE = {"cluster": {"worker": ["127.0.0.1:1"]}, "task": {"type": "worker", "index": 0}}


@pytest.mark.skipif(BACKEND != "tensorflow", reason="of TensorFlow")
@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("", "does not say who trains"),
        ("no json", "does not say who trains"),
        (json.dumps({**ALONE, "task": {"type": "worker", "index": 1}}), "does not say who trains"),
        (json.dumps(ALONE), "a single worker"),
    ],
)
def test_a_wrong_tf_config_is_refused(config, message, monkeypatch):
    monkeypatch.setenv("TF_CONFIG", config)
    with pytest.raises(InvalidArgumentError, match=message), distributed("multiworker"):
        pass
