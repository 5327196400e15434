# SPDX-License-Identifier: Apache-2.0
"""Data sets in NumPy's `.npz` files."""

from __future__ import annotations

import os
import zipfile
import zlib
from pathlib import Path

import numpy as np

from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.labels import check_labels
from tfsparse.errors import InvalidArgumentError

KEYS = ("x_train", "y_train", "x_test", "y_test")
"""The keys of Keras' own `mnist.npz`."""


def load_npz(path: str | os.PathLike[str], *, need_train: bool = True) -> Dataset:
    """Reads a data set from an `.npz` file with the keys `x_train`, `y_train`, `x_test`, `y_test`.

    Labels may be shaped `[samples]` or `[samples, 1]`; arrays of Python objects are refused.

    Args:
        path: The file.
        need_train: Whether the file must hold the training part; without it only `x_test` and `y_test` are read.

    Returns:
        The arrays as they are stored: `as_model_input` scales them.

    Raises:
        InvalidArgumentError: The path is no readable `.npz` file, a key is missing, or an array is empty or of the
            wrong shape or type.
        OSError: The file is missing or cannot be read.
    """
    path = Path(path)
    keys = KEYS if need_train else KEYS[2:]
    arrays = _read_arrays(path, keys)
    x_test, y_test = arrays["x_test"], _checked_labels(path, "test", arrays["x_test"], arrays["y_test"])
    if not need_train:
        return Dataset(x_test[:0], y_test[:0], x_test, y_test)
    return Dataset(
        arrays["x_train"], _checked_labels(path, "train", arrays["x_train"], arrays["y_train"]), x_test, y_test
    )


def _read_arrays(path: Path, keys: tuple[str, ...]) -> dict[str, np.ndarray]:
    with path.open("rb") as file:
        try:
            stored = np.load(file, allow_pickle=False)
            if isinstance(stored, np.lib.npyio.NpzFile):
                _require_keys(path, keys, list(stored))
                return {key: stored[key] for key in keys}
        except InvalidArgumentError:
            raise
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
            raise _not_npz(path, _reason(error)) from error
    raise _not_npz(path, "a single array (.npy)")


def _require_keys(path: Path, keys: tuple[str, ...], stored: list[str]) -> None:
    missing = [key for key in keys if key not in stored]
    if missing:
        raise InvalidArgumentError(
            f"{path} lacks {', '.join(missing)}.",
            expected=f"the keys {', '.join(keys)}",
            received=", ".join(stored) or "no key at all",
        )


def _not_npz(path: Path, received: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"{path} is no readable data set.",
        expected="an .npz file",
        received=received,
        remedy="Copy it again if it is damaged, or write it with np.savez: docs/data.md shows how.",
    )


def _reason(error: Exception) -> str:
    # NumPy takes whatever is no array for a pickle, and says how to load one: any code could be in there.
    return "no arrays of numbers" if "allow_pickle" in str(error) else str(error).rstrip(".")


def _checked_labels(path: Path, split: str, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    if x.ndim < 2 or len(x) == 0:
        raise InvalidArgumentError(
            f"{path}: x_{split} holds no samples.", expected="an array [samples, ...]", received=f"shape {x.shape}"
        )
    return check_labels(y, len(x), name=f"{path}: y_{split}", samples_name=f"x_{split}")
