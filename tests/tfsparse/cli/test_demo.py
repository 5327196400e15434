# SPDX-License-Identifier: Apache-2.0
"""`tfsparse demo` shows one table, keeps what it made, and overwrites nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tfsparse.datasets import load_digits

QUICK = ["--epochs", 2, "--finetune-epochs", 1, "--runs", 20]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    digits = load_digits(side=12)
    path = tmp_path_factory.mktemp("data") / "digits.npz"
    images = {"x_train": digits.x_train, "x_test": digits.x_test}
    pixels = {name: np.round(x[..., 0] * 255).astype(np.uint8) for name, x in images.items()}
    labels = {"y_train": digits.y_train, "y_test": digits.y_test}
    np.savez(path, **{name: array[:300] for name, array in {**pixels, **labels}.items()})
    return path


def test_demo_on_data_of_mine_keeps_everything(cli, data, tmp_path):
    folder = tmp_path / "new" / "results"
    result = cli("demo", "--data", data, "--model", "lenet4", "--pruned-maps", 0.5, *QUICK, "--output", folder)
    assert result.exit_code in (0, 1), result.output
    for row in ("accuracy", "winner rate, conv2", "feature maps pruned", "MACs", "file size", "time, median"):
        assert row in result.stdout
    assert sorted(path.name for path in folder.iterdir()) == [
        "dense.keras", "dense.tflite", "result.json", "result.svg", "sparse.keras", "sparse.tflite"
    ]  # fmt: skip
    stored = json.loads((folder / "result.json").read_text())
    assert stored["pruned_feature_maps"] >= 0.5
    assert stored["settings"]["epochs"] == 2
    assert "<svg" in (folder / "result.svg").read_text()

    again = cli("demo", "--data", data, "--output", folder)
    assert again.exit_code == 2
    assert "--overwrite" in again.stderr
    assert json.loads((folder / "result.json").read_text()) == stored


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "none.npz"], "none.npz"),
        (["--energy", "0"], "energy"),
        (["--pruned-maps", "1.5"], "pruned_maps"),
        (["--epochs", "0"], "epochs"),
        (["--model", "vgg"], "lenet4"),
    ],
)
def test_wrong_options_are_refused_before_any_work(cli, arguments, message):
    result = cli("demo", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_output_must_be_a_folder(cli, tmp_path):
    (tmp_path / "file").write_text("mine")
    result = cli("demo", "--output", tmp_path / "file")
    assert result.exit_code == 2
    assert "no folder" in result.stderr
    assert (tmp_path / "file").read_text() == "mine"
