# SPDX-License-Identifier: Apache-2.0
"""The options of data that commands share, and the data set that they stand for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.keras_inputs import start_keras
from tfsparse.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tfsparse.datasets import Dataset

DIGITS = "digits"
"""What stands for scikit-learn's digits, beside nothing at all."""

Data = Annotated[
    str | None,
    typer.Option(
        metavar="DATA",
        help="An `.npz` file, a folder of images or TFRecord files, or a name such as `cifar10`. Without it: "
        "scikit-learn's digits.",
    ),
]
ImageSize = Annotated[
    str | None,
    typer.Option(
        metavar="SIZE",
        help="Pixels that images of folders and TFRecord files are resized to: `32`, or height and width as `32x48`.",
    ),
]
Download = Annotated[
    bool, typer.Option("--download", help="Let Keras download the data set that --data names, if it has not yet.")
]


def read_data(data: str | None, image_size: str | None, download: bool) -> Dataset:
    """The data set that the options stand for.

    Args:
        data: As `tfsparse.datasets.load_dataset` takes it, or `"digits"`.
        image_size: One number, or height and width with an `x` between.
        download: Whether Keras may download it.

    Raises:
        InvalidArgumentError: There is no such data set, it is damaged, or an option does not apply to it.
    """
    from tfsparse.datasets import load_dataset

    if download:
        start_keras()
    return load_dataset(None if data == DIGITS else data, image_size=_size(image_size), download=download)


def _size(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    sides = re.fullmatch(r"([1-9]\d*)(?:x([1-9]\d*))?", text.strip())
    if sides is None:
        raise InvalidArgumentError(
            "Invalid --image-size.", expected="pixels, such as 32, or height and width, such as 32x48", received=text
        )
    return int(sides[1]), int(sides[2] or sides[1])
