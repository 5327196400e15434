# SPDX-License-Identifier: Apache-2.0
"""Small data sets made on the spot."""

from __future__ import annotations

import numpy as np
import pytest

from tests.utils.images import encoded


@pytest.fixture
def image_folder(tmp_path):
    """A folder of images: per class three to train on and one to test on, of one colour that tells the class."""
    root = tmp_path / "flowers"
    for label, name in enumerate(["aster", "rose", "tulip"]):
        for part, count in (("train", 3), ("test", 1)):
            folder = root / part / name
            folder.mkdir(parents=True)
            for number in range(count):
                pixels = np.full((6, 8, 3), (50 * label, number, 255), np.uint8)
                (folder / f"{number}.png").write_bytes(encoded(pixels))
    return root


@pytest.fixture
def write_records():
    """Writes TFRecord files as ImageNet's are; takes the path, encoded images and labels."""
    import tensorflow as tf

    def feature(value):
        if isinstance(value, bytes):
            return tf.train.Feature(bytes_list=tf.train.BytesList(value=[value]))
        return tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))

    def write(path, images, labels, image_key="image/encoded", label_key="image/class/label", options=None):
        path.parent.mkdir(exist_ok=True)
        with tf.io.TFRecordWriter(str(path), options) as writer:
            for image, label in zip(images, labels, strict=True):
                features = tf.train.Features(feature={image_key: feature(image), label_key: feature(label)})
                writer.write(tf.train.Example(features=features).SerializeToString())
        return path

    return write
