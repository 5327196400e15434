# SPDX-License-Identifier: Apache-2.0
"""Penalties on weights for a while."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import keras

from tfsparse.errors import InvalidArgumentError
from tfsparse.pruning.kernels import prunable_kernels, select_kernels


@contextmanager
def regularized_weights(
    model: keras.Model,
    regularizer: Callable[[Any], Any],
    layers: Sequence[str] | None = None,
    *,
    exclude: Sequence[str] = (),
) -> Iterator[dict[str, keras.Variable]]:
    """Adds a penalty on the kernels of a model to its loss inside a `with` block.

    Shrinks weights before they are pruned by magnitude: train a while with `keras.regularizers.L1` like this, then
    with `tfsparse.callbacks.MagnitudePruning`. After the block, also if it was interrupted, the kernels have the
    regularizers that they had before. Layers and their configurations, and so the models that are saved inside the
    block, stay what they are. The model may be compiled before or inside. The loss of evaluation holds the penalty too,
    as always with weights.

    Args:
        model: A built model of any kind.
        regularizer: Penalty of one kernel, such as `keras.regularizers.L1(1e-5)`.
        layers: Names, paths or shell patterns of layers; `None`: all whose kernels can be pruned, see
            `tfsparse.pruning.prunable_kernels`.
        exclude: Names or patterns of layers to leave alone.

    Yields:
        The regularized kernels by the path of their layer.

    Raises:
        InvalidArgumentError: `regularizer` is no function, a name fits no layer, or no kernel is left.
        UnsupportedModelError: A named layer has no kernel, or the model is not built or not of Keras 3.

    Example:

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, kernel_initializer="ones", name="fc")])
    >>> with regularized_weights(model, keras.regularizers.L1(0.5)):
    ...     [float(loss) for loss in model.losses]
    [6.0]
    >>> model.losses
    []

    Reference:
        "Dual sparse training framework: inducing activation map sparsity via Transformed l1 regularization", 2024,
        stage two.
    """
    if not callable(regularizer):
        raise InvalidArgumentError(
            "`regularizer` is no regularizer.", expected="a function such as keras.regularizers.L1(1e-5)",
            received=regularizer,
        )  # fmt: skip
    chosen = prunable_kernels(model) if layers is None else select_kernels(model, layers)
    kernels = {path: chosen[path] for path in chosen if path not in select_kernels(model, exclude)}
    if not kernels:
        raise InvalidArgumentError("No kernel is left to regularize.", remedy="Exclude fewer layers.")
    before = [kernel.regularizer for kernel in kernels.values()]
    _forget_compiled(model)
    for kernel in kernels.values():
        kernel.regularizer = regularizer
    try:
        yield kernels
    finally:
        for kernel, own in zip(kernels.values(), before, strict=True):
            kernel.regularizer = own
        _forget_compiled(model)


def _forget_compiled(model: keras.Model) -> None:
    """The compiled steps hold the losses that there were when they were traced."""
    model.train_function = model.test_function = None
