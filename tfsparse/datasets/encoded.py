# SPDX-License-Identifier: Apache-2.0
"""Images that stay encoded where they are until they are asked for."""

from __future__ import annotations

import hashlib
from typing import Protocol

import numpy as np

from tfsparse.datasets.decoding import ImageForm, decode, read_header
from tfsparse.errors import InvalidArgumentError
from tfsparse.progress import with_progress

MEMORY_LIMIT = 2 << 30
"""Bytes of decoded images up to which they are read at once."""

_PROBED_IMAGES = 64


class Records(Protocol):
    """Encoded images, numbered from 0."""

    def __len__(self) -> int: ...

    def name(self, index: int) -> str:
        """What to call an image in messages."""
        ...

    def read(self, index: int) -> bytes:
        """The content of an image file."""
        ...

    def identity(self, index: int) -> str:
        """What tells it from other records without reading it, wherever the data set lies: its name and length."""
        ...


class EncodedImages:
    """Reads like a `uint8` array `[samples, height, width, channels]`, but decodes what is asked for, each time anew.

    Args:
        records: The encoded images.
        form: What each is made into.
        indices: Which of the records these are, and their order; `None`: all.
    """

    def __init__(self, records: Records, form: ImageForm, indices: np.ndarray | None = None) -> None:
        self._records, self._form = records, form
        self._indices = np.arange(len(records)) if indices is None else indices

    def __len__(self) -> int:
        return len(self._indices)

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Samples, height, width, channels."""
        return (len(self), *self._form.shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def dtype(self) -> np.dtype:
        """The type of what is read."""
        return np.dtype(np.uint8)

    def __getitem__(self, key: int | slice | np.ndarray) -> np.ndarray:
        """Decodes one image, those of a slice, or those at an array of indices.

        Raises:
            InvalidArgumentError: An image cannot be read or is not of the form.
        """
        chosen = self._indices[key]
        if np.ndim(chosen) == 0:
            return self._decoded(int(chosen))
        images = np.empty((len(chosen), *self._form.shape), np.uint8)
        for image, index in zip(images, chosen, strict=True):
            image[...] = self._decoded(int(index))
        return images

    def subset(self, indices: np.ndarray) -> EncodedImages:
        """Some of the images, unread.

        Args:
            indices: Integers `[samples]`.
        """
        return EncodedImages(self._records, self._form, self._indices[indices])

    def fingerprint(self) -> str:
        """A hash of the names and lengths of the images and of their form; no image is read for it."""
        digest = hashlib.blake2b(repr(self._form).encode(), digest_size=16)
        for index in self._indices:
            digest.update(f"\n{self._records.identity(int(index))}".encode())
        return digest.hexdigest()

    def in_memory(self, task: str) -> np.ndarray:
        """All images, decoded, with a progress bar.

        Args:
            task: What the bar says.

        Raises:
            InvalidArgumentError: An image cannot be read or is not of the form.
        """
        images = np.empty(self.shape, np.uint8)
        for position in with_progress(range(len(self)), task, len(self)):
            images[position] = self[position]
        return images

    def _decoded(self, record: int) -> np.ndarray:
        return decode(self._records.read(record), self._records.name(record), self._form)


def read_images(
    train: Records, test: Records, image_size: tuple[int, int] | None, in_memory: bool | None
) -> tuple[np.ndarray | EncodedImages, np.ndarray | EncodedImages]:
    """The images of both parts, decoded at once if they are few, otherwise when they are asked for.

    Args:
        train: Images to train on.
        test: Images to test on.
        image_size: Height and width that images are resized to; `None`: all must be of the same size.
        in_memory: Whether to decode them at once; `None`: if they take no more than `MEMORY_LIMIT` bytes.

    Raises:
        InvalidArgumentError: Images differ in size, or cannot be read.
    """
    form = _form_of(train, image_size)
    parts = EncodedImages(train, form), EncodedImages(test, form)
    if in_memory is None:
        in_memory = sum(int(np.prod(part.shape)) for part in parts) <= MEMORY_LIMIT
    if not in_memory:
        return parts
    return parts[0].in_memory("Read training images"), parts[1].in_memory("Read test images")


def _form_of(records: Records, image_size: tuple[int, int] | None) -> ImageForm:
    """The form that some images have in common: one image alone may be grey by chance among coloured ones."""
    probed = np.unique(np.linspace(0, len(records) - 1, _PROBED_IMAGES).astype(int)).tolist()
    headers = {records.name(index): read_header(records.read(index), records.name(index)) for index in probed}
    sizes = {(header.height, header.width): name for name, header in headers.items()}
    if image_size is None and len(sizes) > 1:
        (first, first_name), (other, other_name) = list(sizes.items())[:2]
        raise InvalidArgumentError(
            "The images differ in size.",
            expected="images of one size, or `image_size` (--image-size), to which all are resized",
            received=f"{first_name} of {first[0]} by {first[1]}, {other_name} of {other[0]} by {other[1]} pixels",
        )
    height, width = image_size or next(iter(sizes))
    grey = all(header.grey for header in headers.values())
    return ImageForm(height, width, channels=1 if grey else 3, resize=image_size is not None)
