# SPDX-License-Identifier: Apache-2.0
"""TFRecord files of images, as ImageNet's are."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable
from typing import Any

import tensorflow as tf


def write_records(
    path: pathlib.Path,
    images: Iterable[bytes],
    labels: Iterable[int],
    image_key: str = "image/encoded",
    label_key: str = "image/class/label",
    options: Any = None,
) -> None:
    """Writes one file.

    Args:
        path: The file; its folder is made.
        images: Encoded images.
        labels: As many.
        image_key: Feature that holds the image.
        label_key: Feature that holds the label.
        options: Such as a compression.
    """
    path.parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(path), options) as writer:
        for image, label in zip(images, labels, strict=True):
            feature = {
                image_key: tf.train.Feature(bytes_list=tf.train.BytesList(value=[image])),
                label_key: tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())
