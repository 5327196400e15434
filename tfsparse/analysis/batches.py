# SPDX-License-Identifier: Apache-2.0
"""Samples in batches, checked against the model that they are for, with a progress bar if it takes long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.activations import to_numpy
from tfsparse.errors import InvalidArgumentError
from tfsparse.progress import with_progress


def batches(model: keras.Model, x: Any, batch_size: int, task: str) -> Iterator[Any]:
    """Yields what `model` takes, batch by batch.

    Args:
        model: The model that the samples are for.
        x: An array `(samples, ...)`; a list or dict of arrays for a model of several inputs; or an iterable of
            batches (`tf.data.Dataset`, `keras.utils.PyDataset`, generator), of which a tuple means `(x, y, ...)`.
        batch_size: Samples per batch for arrays; batches that come as an iterable stay as they are.
        task: What is being done, for the progress bar.

    Raises:
        InvalidArgumentError: There are no samples, they do not fit the model, or `batch_size` is below 1.
    """
    if not isinstance(batch_size, int) or batch_size < 1:
        raise InvalidArgumentError("Invalid `batch_size`.", expected="an integer, 1 or more", received=batch_size)
    if _holds_arrays(x):
        x = keras.tree.map_structure(to_numpy, x)
        total = _check(model, x)
        slices = (_slice(x, start, start + batch_size) for start in range(0, total, batch_size))
        yield from with_progress(slices, task, -(-total // batch_size))
        return
    if isinstance(x, str | bytes) or not (isinstance(x, Iterable) or hasattr(x, "__getitem__")):
        raise InvalidArgumentError(
            "`x` holds no samples.", expected="an array, arrays, or an iterable of batches", received=type(x).__name__
        )
    count = 0
    for batch in with_progress(_unpacked(x), task, None):
        _check(model, batch)
        count += 1
        yield batch
    if not count:
        _raise_empty()


def _holds_arrays(x: Any) -> bool:
    leaves = x.values() if isinstance(x, dict) else x if isinstance(x, list | tuple) else [x]
    return all(hasattr(leaf, "shape") for leaf in leaves)


def _unpacked(x: Any) -> Iterator[Any]:
    elements = (x[index] for index in range(len(x))) if isinstance(x, keras.utils.PyDataset) else x
    for element in elements:
        batch = keras.utils.unpack_x_y_sample_weight(element)[0] if isinstance(element, tuple) else element
        yield keras.tree.map_structure(to_numpy, batch)


def _slice(x: Any, start: int, stop: int) -> Any:
    return keras.tree.map_structure(lambda array: array[start:stop], x)


def _check(model: keras.Model, x: Any) -> int:
    """The number of samples in `x`; raises if there are none or if they do not fit the model."""
    arrays = keras.tree.flatten(x)
    inputs = getattr(model, "inputs", None)
    if inputs is not None:
        _check_names(inputs, x)
        _check_shapes([tuple(tensor.shape) for tensor in inputs], [array.shape for array in arrays])
    for array in arrays:
        _check_numbers(array)
    sizes = {array.shape[0] if array.ndim else 0 for array in arrays}
    if len(sizes) > 1:
        raise InvalidArgumentError(
            "The inputs in `x` differ in their number of samples.",
            expected="equal numbers",
            received=f"{sorted(sizes)}",
        )
    if not sizes or sizes == {0}:
        _raise_empty()
    return sizes.pop()


def _check_numbers(array: np.ndarray) -> None:
    if not (np.issubdtype(array.dtype, np.number) or array.dtype == bool or array.dtype.name == "bfloat16"):
        raise InvalidArgumentError("`x` holds no numbers.", expected="numeric arrays", received=f"{array.dtype}")
    if not np.isfinite(array).all():
        raise InvalidArgumentError("`x` holds NaN or infinity.", expected="finite numbers")


def _check_names(inputs: list[keras.KerasTensor], x: Any) -> None:
    names = {tensor.name for tensor in inputs}
    if isinstance(x, dict) and not set(x) >= names and len(x) != len(names):
        raise InvalidArgumentError(
            "`x` lacks inputs of the model.", expected=f"{sorted(names)}", received=f"{sorted(x)}"
        )


def _check_shapes(expected: list[tuple[int | None, ...]], received: list[tuple[int, ...]]) -> None:
    fits = len(expected) == len(received) and all(
        len(wanted) == len(shape)
        and all(size in (None, given) for size, given in zip(wanted[1:], shape[1:], strict=True))
        for wanted, shape in zip(expected, received, strict=True)
    )
    if not fits:
        wanted = ", ".join(str((None, *shape[1:])) for shape in expected)
        given = ", ".join(str(tuple(shape)) for shape in received)
        raise InvalidArgumentError("`x` does not have the shape of the model's input.", expected=wanted, received=given)


def _raise_empty() -> None:
    raise InvalidArgumentError("`x` holds no samples.", expected="at least one sample", received="none")
