# SPDX-License-Identifier: Apache-2.0
"""docs/data.md works as written, from its top to its bottom, in a folder with the files that it speaks of."""

from __future__ import annotations

import doctest
import pathlib

import numpy as np
import pytest
from scipy.io import savemat

from tests.utils.images import encoded
from tests.utils.records import write_records
from tfsparse.datasets.hints import HINTS

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs/data.md"


def write_images(folder: pathlib.Path, count: int, kind: str = "png"):
    folder.mkdir(parents=True)
    for number in range(count):
        pixels = np.full((30 + number, 40, 3), 100 + number, np.uint8)
        (folder / f"{number}.{kind}").write_bytes(encoded(pixels, kind))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("rose", "tulip"):
        write_images(tmp_path / "flowers/train" / name, 2)
        write_images(tmp_path / "flowers/test" / name, 1)
    images = [encoded(np.zeros((30, 40, 3), np.uint8), "jpeg")] * 6
    write_records(tmp_path / "records/train-00000-of-00001", images, range(1, 7))
    write_records(tmp_path / "records/validation-00000-of-00001", images[:2], [1, 2])
    for part in ("train", "test"):
        x, y = np.zeros((32, 32, 3, 10), np.uint8), np.arange(1, 11)[:, None]
        savemat(tmp_path / f"{part}_32x32.mat", {"X": x, "y": y.astype(np.uint8)})
    for name in ("00000", "00001"):
        write_images(tmp_path / "GTSRB/Final_Training/Images" / name, 1, "ppm")
    write_images(tmp_path / "GTSRB/Final_Test/Images", 1, "ppm")
    (tmp_path / "GT-final_test.csv").write_text("Filename;Width;Height;ClassId\n0.ppm;40;30;1\n")
    return tmp_path


def test_the_page_works(folder):
    failures, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert not failures
    assert tried > 30


def test_the_page_and_the_messages_name_the_same_places():
    text = PAGE.read_text()
    for hint in HINTS.values():
        assert hint.page in text
        assert hint.title in text
