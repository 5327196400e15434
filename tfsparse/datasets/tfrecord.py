# SPDX-License-Identifier: Apache-2.0
"""Data sets in TFRecord files, in the form that ImageNet is usually stored in."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.encoded import read_images
from tfsparse.errors import InvalidArgumentError, RuntimeUnavailableError
from tfsparse.progress import with_progress

TRAIN_PREFIX, TEST_PREFIXES = "train", ("test", "val")
IMAGE_KEY, LABEL_KEY = "image/encoded", "image/class/label"
LAYOUT = f"TFRecord files train*, and test* or val*, of tf.train.Example with {IMAGE_KEY} and {LABEL_KEY}"

_LENGTH = struct.Struct("<Q")
_HEADER_BYTES = 12  # the length and its checksum
_FOOTER_BYTES = 4  # the checksum of the content
_RECORDS_PER_STEP = 1024


@dataclass(frozen=True)
class ExampleRecords:
    """Images of `tf.train.Example` records, found by their place in the files.

    Attributes:
        files: Path of each file.
        file_of: Which file each record is in, `[records]`.
        offsets: Where in it the content begins, in bytes, `[records]`.
        lengths: Length of the content, in bytes, `[records]`.
    """

    files: list[str]
    file_of: np.ndarray
    offsets: np.ndarray
    lengths: np.ndarray

    def __len__(self) -> int:
        return len(self.offsets)

    def name(self, index: int) -> str:
        """The file, and where the record is in it."""
        return f"{self.files[self.file_of[index]]} (record at byte {self.offsets[index] - _HEADER_BYTES})"

    def identity(self, index: int) -> str:
        """Name of the file, and place and length of the record."""
        return f"{Path(self.files[self.file_of[index]]).name} {self.offsets[index]} {self.lengths[index]}"

    def read(self, index: int) -> bytes:
        """The encoded image of a record."""
        with open(self.files[self.file_of[index]], "rb") as file:
            file.seek(self.offsets[index])
            content = file.read(self.lengths[index])
        values = _tensorflow().train.Example.FromString(content).features.feature[IMAGE_KEY].bytes_list.value
        if len(values) != 1:
            raise InvalidArgumentError(
                f"{self.name(index)} holds no image.",
                expected=f"one value of {IMAGE_KEY}",
                received=f"{len(values)} values",
            )
        return values[0]


def holds_tfrecords(folder: Path) -> bool:
    """Whether the folder has files whose names begin like those of training records.

    Args:
        folder: An existing folder.
    """
    return bool(_files(folder, (TRAIN_PREFIX,)))


def load_tfrecords(folder: Path, image_size: tuple[int, int] | None = None, in_memory: bool | None = None) -> Dataset:
    """Reads the TFRecord files of a folder: `train*` to train on, `test*` or else `val*` to test on.

    Each record is a `tf.train.Example` with an encoded image in `image/encoded` and an integer in `image/class/label`.
    Where no label is 0, as in the usual ImageNet records, all are lowered by 1. The files are read once for the labels;
    after that any image is read from its place.

    Args:
        folder: The folder.
        image_size: Height and width that images are resized to; `None`: all must be of the same size.
        in_memory: Whether the images are decoded at once; `None`: if they are few.

    Returns:
        `uint8` images `[samples, height, width, channels]` and their labels.

    Raises:
        InvalidArgumentError: Files are missing, damaged or compressed, or a record lacks its image or label.
        RuntimeUnavailableError: TensorFlow is not installed.
    """
    train_files = _files(folder, (TRAIN_PREFIX,))
    test_files = next((found for prefix in TEST_PREFIXES if (found := _files(folder, (prefix,)))), [])
    if not train_files or not test_files:
        raise InvalidArgumentError(
            f"{folder} lacks records.",
            expected=LAYOUT,
            received=f"{len(train_files)} files to train on, {len(test_files)} to test on",
        )
    (train, y_train), (test, y_test) = (_records(files) for files in (train_files, test_files))
    lowest = min(y_train.min(), y_test.min())
    if lowest < 0:
        raise InvalidArgumentError(f"{folder}: labels are negative.", expected="integers from 0", received=int(lowest))
    first = int(lowest == 1)
    x_train, x_test = read_images(train, test, image_size, in_memory)
    return Dataset(x_train, y_train - first, x_test, y_test - first)


def _files(folder: Path, prefixes: tuple[str, ...]) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name.startswith(prefixes))


def _records(files: list[Path]) -> tuple[ExampleRecords, np.ndarray]:
    places = [_places(path) for path in files]
    file_of = np.repeat(np.arange(len(files)), [len(found) for found in places])
    offsets, lengths = np.concatenate(places).T
    records = ExampleRecords([str(path) for path in files], file_of, offsets, lengths)
    if not len(records):
        raise InvalidArgumentError(f"{files[0].parent} holds no records in {files[0].name} and the like.")
    return records, _labels(records)


def _places(path: Path) -> np.ndarray:
    """Offset and length of the content of each record, `[records, 2]`, by hopping from header to header."""
    places = []
    size = path.stat().st_size
    if size:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            position = 0
            while position < size:
                length = _LENGTH.unpack_from(content, position)[0] if size - position >= _HEADER_BYTES else size
                if position + _HEADER_BYTES + length + _FOOTER_BYTES > size:
                    raise _damaged(path, f"a record at byte {position} that ends beyond the file")
                places.append((position + _HEADER_BYTES, length))
                position += _HEADER_BYTES + length + _FOOTER_BYTES
    return np.array(places, np.int64).reshape(-1, 2)


def _labels(records: ExampleRecords) -> np.ndarray:
    """All labels, read in the order of the records; this checks the checksums of all records, too."""
    tf = _tensorflow()
    feature = {LABEL_KEY: tf.io.FixedLenFeature([], tf.int64)}
    batches = tf.data.TFRecordDataset(records.files).batch(_RECORDS_PER_STEP)
    batches = batches.map(lambda batch: tf.io.parse_example(batch, feature)[LABEL_KEY])
    steps = -(-len(records) // _RECORDS_PER_STEP)
    try:
        found = list(with_progress(batches.as_numpy_iterator(), "Read labels", steps))
    except tf.errors.DataLossError as error:
        raise _damaged(Path(records.files[0]).parent, error.message) from error
    except tf.errors.InvalidArgumentError as error:
        raise InvalidArgumentError(
            f"Records of {Path(records.files[0]).parent} lack their label.",
            expected=f"tf.train.Example with one integer in {LABEL_KEY}",
            received=error.message,
        ) from error
    return np.concatenate(found).astype(np.int32)


def _damaged(path: Path, received: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"{path} is damaged or compressed.",
        expected="whole TFRecord files without compression",
        received=received,
        remedy="Copy or write the files again.",
    )


def _tensorflow() -> Any:
    try:
        import tensorflow
    except ImportError as error:
        raise RuntimeUnavailableError(
            "TFRecord files are read with TensorFlow, which is not installed.",
            received=str(error),
            remedy="Install it: pip install 'tfsparse[train]'.",
        ) from error
    return tensorflow
