# SPDX-License-Identifier: Apache-2.0
"""An encoded image (PNG, JPEG, ...) as an array, by Pillow."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tfsparse.errors import InvalidArgumentError, RuntimeUnavailableError

if TYPE_CHECKING:
    from PIL import Image

_GREY_MODES = {"1", "L", "LA"}
_DEEP_MODES = {"I", "F", "I;16", "I;16B", "I;16L", "I;16N"}


@dataclass(frozen=True)
class ImageForm:
    """What every image of a data set is made into.

    Attributes:
        height: In pixels.
        width: In pixels.
        channels: 1 (grey) or 3 (red, green, blue).
        resize: Whether images of another size are scaled, and their middle cut out; otherwise they are refused.
    """

    height: int
    width: int
    channels: int
    resize: bool

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width, channels."""
        return (self.height, self.width, self.channels)


@dataclass(frozen=True)
class ImageHeader:
    """What an image file says of itself before it is decoded.

    Attributes:
        height: In pixels.
        width: In pixels.
        grey: Whether it has no colours.
    """

    height: int
    width: int
    grey: bool


def read_header(content: bytes, name: str) -> ImageHeader:
    """Size and colours of an encoded image, which is not decoded for that.

    Args:
        content: The image file's content.
        name: What to call it in messages.

    Raises:
        InvalidArgumentError: It is no image that Pillow can read.
        RuntimeUnavailableError: Pillow is not installed.
    """
    with _reading(name):
        image = _pillow().open(io.BytesIO(content))
        return ImageHeader(image.height, image.width, image.mode in _GREY_MODES)


def decode(content: bytes, name: str, form: ImageForm) -> np.ndarray:
    """Decodes an image and brings it into form.

    Resizing keeps the aspect ratio: the image is scaled until it covers the size, then what protrudes is cut off on
    both sides alike.

    Args:
        content: The image file's content.
        name: What to call it in messages.
        form: What to make of it.

    Returns:
        `uint8` array `[height, width, channels]`.

    Raises:
        InvalidArgumentError: It is no image that Pillow can read, or it is not of this form.
        RuntimeUnavailableError: Pillow is not installed.
    """
    with _reading(name):
        image = _pillow().open(io.BytesIO(content))
        _check_mode(image, name, form)
        mode = "L" if form.channels == 1 else "RGB"
        size = (form.width, form.height)
        if form.resize and image.size != size:
            image.draft(mode, size)  # lets JPEG leave out detail that would be scaled away
        image = image.convert(mode)
    if image.size != size:
        image = _resized(image, name, form)
    return np.asarray(image).reshape(form.shape)


def _check_mode(image: Image.Image, name: str, form: ImageForm) -> None:
    if image.mode in _DEEP_MODES:
        raise InvalidArgumentError(
            f"{name} has more than 8 bits a channel.",
            expected="an image of 8 bits a channel",
            received=f"mode {image.mode}",
            remedy="Convert it, or store the data set as an .npz file of floating-point numbers.",
        )
    if form.channels == 1 and image.mode not in _GREY_MODES:
        raise InvalidArgumentError(
            f"{name} is a colour image among grey ones.",
            expected="images that are all grey, or a share of coloured ones that shows",
            received=f"mode {image.mode}",
            remedy="Convert all images to the same kind.",
        )


def _resized(image: Image.Image, name: str, form: ImageForm) -> Image.Image:
    from PIL import ImageOps

    if not form.resize:
        raise InvalidArgumentError(
            f"{name} is of another size than the other images.",
            expected=f"{form.height} by {form.width} pixels",
            received=f"{image.height} by {image.width}",
            remedy="Let all images be resized: give `image_size` (--image-size).",
        )
    return ImageOps.fit(image, (form.width, form.height), method=_pillow().Resampling.BILINEAR)


@contextlib.contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turns what Pillow raises over a broken image into one error that names the image."""
    try:
        yield
    except InvalidArgumentError:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, _pillow().DecompressionBombError) as error:
        raise InvalidArgumentError(
            f"{name} is no readable image.",
            expected="a whole PNG, JPEG, BMP, GIF, PPM, TIFF or WebP image",
            received=str(error),
            remedy="Replace it or take it away.",
        ) from error


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError as error:
        raise RuntimeUnavailableError(
            "Pillow is not installed.", received=str(error), remedy="Install it: pip install 'tfsparse[train]'."
        ) from error
    return Image
