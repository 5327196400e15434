# SPDX-License-Identifier: Apache-2.0
"""TFRecord files: read record by record, and refused where they are damaged."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

from tests.utils.images import encoded
from tests.utils.records import write_records
from tfsparse.datasets import load_dataset
from tfsparse.errors import InvalidArgumentError


def pictures(values):
    return [encoded(np.full((4, 5, 3), value, np.uint8)) for value in values]


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "records"
    write_records(root / "train-00000-of-00002", pictures([10, 11, 12]), [1, 2, 3])
    write_records(root / "train-00001-of-00002", pictures([13, 14]), [1, 2])
    write_records(root / "validation-00000-of-00001", pictures([20, 21]), [3, 1])
    return root


@pytest.mark.parametrize("in_memory", [True, False])
def test_records_are_read_in_the_order_of_the_files(folder, in_memory):
    dataset = load_dataset(folder, in_memory=in_memory)
    assert dataset.x_train.shape == (5, 4, 5, 3)
    assert dataset.x_train[:][:, 0, 0, 0].tolist() == [10, 11, 12, 13, 14]
    assert dataset.x_train[np.array([4, 0])][:, 0, 0, 0].tolist() == [14, 10]
    assert dataset.x_test[:][:, 0, 0, 0].tolist() == [20, 21]


def test_the_fingerprint_tells_parts_apart(folder):
    dataset = load_dataset(folder, in_memory=False)
    halves = [dataset.x_train.subset(np.arange(count)).fingerprint() for count in (2, 3, 5)]
    assert len({*halves, dataset.x_test.fingerprint()}) == 4
    assert halves[2] == dataset.x_train.fingerprint()


def test_labels_from_1_are_lowered(folder):
    dataset = load_dataset(folder)
    assert dataset.y_train.tolist() == [0, 1, 2, 0, 1]
    assert dataset.y_test.tolist() == [2, 0]


def test_labels_from_0_stay(folder):
    write_records(folder / "validation-00000-of-00001", pictures([20]), [0])
    assert load_dataset(folder).y_train.tolist() == [1, 2, 3, 1, 2]


def test_images_are_resized(folder):
    assert load_dataset(folder, image_size=3).x_train.shape == (5, 3, 3, 3)


def test_test_files_come_before_val_files(folder):
    write_records(folder / "test.tfrecord", pictures([30]), [1])
    assert load_dataset(folder).x_test[:, 0, 0, 0].tolist() == [30]


def truncate(folder):
    path = folder / "train-00001-of-00002"
    path.write_bytes(path.read_bytes()[:-5])


def cut_header(folder):
    path = folder / "train-00001-of-00002"
    path.write_bytes(path.read_bytes() + b"12345")


def flip_bits(folder):
    path = folder / "train-00000-of-00002"
    content = bytearray(path.read_bytes())
    content[40] ^= 255
    path.write_bytes(content)


def compress(folder):
    options = tf.io.TFRecordOptions(compression_type="GZIP")
    write_records(folder / "train-00000-of-00002", pictures([1]), [1], options=options)


def rename_label(folder):
    write_records(folder / "train-00000-of-00002", pictures([1]), [1], label_key="label")


def rename_image(folder):
    write_records(folder / "train-00000-of-00002", pictures([1]), [1], image_key="image")


def negative_label(folder):
    write_records(folder / "train-00000-of-00002", pictures([1]), [-1])


def break_image(folder):
    write_records(folder / "train-00000-of-00002", [*pictures([1]), b"no image"], [1, 1])


def no_test(folder):
    (folder / "validation-00000-of-00001").unlink()


def empty(folder):
    (folder / "validation-00000-of-00001").write_bytes(b"")


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (truncate, r"train-00001-of-00002 is damaged or compressed.*ends beyond the file"),
        (cut_header, r"train-00001-of-00002 is damaged or compressed.*ends beyond the file"),
        (flip_bits, r"is damaged or compressed.*corrupted record"),
        (compress, r"train-00000-of-00002 is damaged or compressed"),
        (rename_label, r"lack their label.*one integer in image/class/label"),
        (rename_image, r"train-00000-of-00002 \(record at byte 0\) holds no image"),
        (negative_label, r"labels are negative.*Received: -1"),
        (break_image, r"train-00000-of-00002 \(record at byte \d+\) is no readable image"),
        (no_test, r"lacks records.*test\* or val\*.*2 files to train on, 0 to test on"),
        (empty, r"holds no records in validation-00000-of-00001"),
    ],
)
def test_bad_records_are_refused(folder, damage, message):
    damage(folder)
    with pytest.raises(InvalidArgumentError, match=message):
        load_dataset(folder)
