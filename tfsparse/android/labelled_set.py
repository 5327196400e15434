# SPDX-License-Identifier: Apache-2.0
"""Labelled samples as the app takes them: an `.npz` file with `x` of the model's own shape, and `y`."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from tfsparse.conversion.flatbuffer import read_model
from tfsparse.datasets.images import as_model_input
from tfsparse.datasets.npz import load_npz
from tfsparse.errors import InvalidArgumentError


def labelled_set(data: Path, model: Path, samples: int | None = None) -> tuple[str, bytes]:
    """Fits the test part of a data set to a model's input.

    Pixels stay `uint8`, which the app scales to [0, 1] as `as_model_input` does; other numbers become `float32`.

    Args:
        data: An `.npz` file with the keys `x_test` and `y_test`.
        model: A `.tflite` file of one input.
        samples: Only the first so many; `None` for all.

    Returns:
        The file's name on the phone, which tells the shape, and its content.

    Raises:
        InvalidArgumentError: The data do not fit the model.
        ModelFormatError: The model cannot be read.
    """
    dataset = load_npz(data, need_train=False)
    x, y = dataset.x_test[:samples], dataset.y_test[:samples]
    shape = _input_shape(model)
    fitting = as_model_input(x[:1], len(shape)).shape[1:]
    if any(size not in (-1, given) for size, given in zip(shape[1:], fitting, strict=True)):
        raise InvalidArgumentError(
            f"The samples of {data} do not fit the input of {model.name}.",
            expected=f"[samples, {', '.join(map(str, shape[1:]))}]",
            received=str(list(x.shape)),
        )
    kept = x if x.dtype == np.uint8 else x.astype("<f4")
    file = io.BytesIO()
    np.savez(file, x=np.ascontiguousarray(kept.reshape(len(x), *fitting)), y=y.astype("<i8"))
    return f"{data.stem}.{'x'.join(map(str, fitting))}.npz", file.getvalue()


def _input_shape(model: Path) -> list[int]:
    """Shape of the only input; -1 where it is open."""
    graph = read_model(model).subgraphs[0]
    if len(graph.inputs) != 1:
        raise InvalidArgumentError(
            f"Labelled samples can be given to a model of one input only, and {model.name} has more.",
            received=f"{len(graph.inputs)} inputs",
        )
    tensor = graph.tensors[int(graph.inputs[0])]
    shape = tensor.shape if tensor.shapeSignature is None else tensor.shapeSignature
    return [int(size) for size in shape]
