# SPDX-License-Identifier: Apache-2.0
"""The options of data mean the same to every command that has them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.utils.images import encoded
from tfsparse.cli.data_options import read_data
from tfsparse.errors import InvalidArgumentError


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder of images of different sizes."""
    path = tmp_path_factory.mktemp("flowers")
    for part in ("train", "test"):
        for number, name in enumerate(("rose", "tulip")):
            (path / part / name).mkdir(parents=True)
            pixels = np.zeros((30 + number, 40, 3), np.uint8)
            (path / part / name / "1.png").write_bytes(encoded(pixels, "png"))
    return path


@pytest.mark.parametrize(("size", "sides"), [("24", (24, 24)), ("16x32", (16, 32))])
def test_images_are_resized(folder, size, sides):
    assert read_data(str(folder), size, download=False).x_train.shape == (2, *sides, 3)


def test_the_digits_have_a_name(tmp_path):
    assert read_data("digits", None, download=False).num_classes == 10


@pytest.mark.parametrize("size", ["0", "x", "32x", "32,48", "-5", "1.5", ""])
def test_a_size_that_is_none_is_refused(folder, size):
    with pytest.raises(InvalidArgumentError, match=r"--image-size.*32x48"):
        read_data(str(folder), size, download=False)


@pytest.mark.parametrize(
    "command",
    [["train", "--recipe", "dasnet-lenet4", "--output", "run"], ["search", "model.keras", "--output", "found"]],
)
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--image-size", "big"], "Invalid --image-size. Expected: pixels, such as 32"),
        (["--image-size", "32"], "for folders of images"),
        (["--download"], "Only Keras' own data sets can be downloaded"),
        (["--data", "nowhere.npz"], "no data set at nowhere.npz"),
    ],
)
def test_commands_that_train_take_them(cli, tmp_path, monkeypatch, command, options, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.keras").touch()
    arrays = {f"{kind}_{part}": np.zeros((2, 4)[: 2 if kind == "x" else 1], np.uint8) for kind in "xy"
              for part in ("train", "test")}  # fmt: skip
    np.savez(tmp_path / "data.npz", **arrays)
    result = cli(*command, "--data", "data.npz", *options)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert not (tmp_path / "run").exists()


def test_images_of_different_sizes_name_the_option(cli, folder, tmp_path):
    result = cli("train", "--recipe", "dasnet-lenet4", "--data", folder, "--output", tmp_path / "run")
    assert result.exit_code == 2
    assert "--image-size" in result.stderr
