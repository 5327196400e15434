# SPDX-License-Identifier: Apache-2.0
"""Data sets as folders of images, one folder a class."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.encoded import read_images
from tfsparse.errors import InvalidArgumentError

TEST_NAMES = ("test", "val")
LAYOUT = "train/CLASS/IMAGE files, and test/CLASS/IMAGE (or val/CLASS/IMAGE) files"

_SUFFIXES = {".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp"}


@dataclass(frozen=True)
class ImageFiles:
    """Image files as records.

    Attributes:
        folder: What the paths start from.
        paths: Path of each image below the folder.
    """

    folder: str
    paths: list[str]

    def __len__(self) -> int:
        return len(self.paths)

    def name(self, index: int) -> str:
        """Path of an image file."""
        return str(Path(self.folder, self.paths[index]))

    def read(self, index: int) -> bytes:
        """Content of an image file."""
        return Path(self.name(index)).read_bytes()

    def identity(self, index: int) -> str:
        """Path below the folder, and size."""
        return f"{self.paths[index]} {Path(self.name(index)).stat().st_size}"


def load_image_folder(
    folder: Path, image_size: tuple[int, int] | None = None, in_memory: bool | None = None
) -> Dataset:
    """Reads a folder that holds `train/CLASS/IMAGE` files, and `test/CLASS/IMAGE` or `val/CLASS/IMAGE` files.

    Classes are numbered in the order of their folders' names; names of digits alone are ordered as numbers. Files that
    are no images by their names are left alone, and so is all that is hidden.

    Args:
        folder: The folder.
        image_size: Height and width that images are resized to; `None`: all must be of the same size.
        in_memory: Whether the images are decoded at once; `None`: if they are few.

    Returns:
        `uint8` images `[samples, height, width, channels]` and their labels.

    Raises:
        InvalidArgumentError: The folder is laid out otherwise, a class is empty, or an image cannot be read.
    """
    test_folder = next((folder / name for name in TEST_NAMES if (folder / name).is_dir()), None)
    if not (folder / "train").is_dir() or test_folder is None:
        raise InvalidArgumentError(
            f"{folder} is no data set.",
            expected=LAYOUT,
            received=", ".join(sorted(entry.name for entry in folder.iterdir())[:8]) or "an empty folder",
        )
    classes = _class_names(folder / "train")
    unknown = sorted(set(_class_names(test_folder)) - set(classes))
    if unknown:
        raise InvalidArgumentError(
            f"{test_folder} holds classes that {folder / 'train'} lacks.",
            expected=f"some of {', '.join(classes[:8])}{', ...' if len(classes) > 8 else ''}",
            received=", ".join(unknown[:8]),
        )
    train, y_train = _files(folder / "train", classes)
    test, y_test = _files(test_folder, classes)
    x_train, x_test = read_images(train, test, image_size, in_memory)
    return Dataset(x_train, y_train, x_test, y_test)


def _class_names(folder: Path) -> list[str]:
    names = [entry.name for entry in folder.iterdir() if entry.is_dir() and not entry.name.startswith(".")]
    if not names:
        raise InvalidArgumentError(f"{folder} holds no folder of a class.", expected=LAYOUT)
    if all(name.isdecimal() for name in names):
        return sorted(names, key=lambda name: (int(name), name))
    return sorted(names)


def _files(folder: Path, classes: list[str]) -> tuple[ImageFiles, np.ndarray]:
    paths: list[str] = []
    labels: list[int] = []
    for label, name in enumerate(classes):
        if not (folder / name).is_dir():
            continue  # a class that is trained and not tested
        found = sorted(
            entry.name
            for entry in (folder / name).iterdir()
            if entry.suffix.lower() in _SUFFIXES and not entry.name.startswith(".")
        )
        if not found:
            raise InvalidArgumentError(
                f"The folder {folder / name} of a class holds no images.",
                expected=f"files with the endings {' '.join(sorted(_SUFFIXES))}",
                remedy="Put images there, or take the folder away.",
            )
        paths += [f"{name}/{file}" for file in found]
        labels += [label] * len(found)
    return ImageFiles(str(folder), paths), np.array(labels, np.int32)
