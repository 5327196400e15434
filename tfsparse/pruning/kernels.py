# SPDX-License-Identifier: Apache-2.0
"""Which weights of which layers can be pruned, and how they are chosen by name."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase

import keras
from keras import layers

from tfsparse.analysis.models import named_layers, require_keras_model
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError

_KERNELS: dict[str, tuple[type[keras.Layer], ...]] = {
    "pointwise_kernel": (layers.SeparableConv1D, layers.SeparableConv2D),
    "kernel": (
        layers.Dense,
        layers.EinsumDense,
        layers.Conv1D,
        layers.Conv2D,
        layers.Conv3D,
        layers.Conv1DTranspose,
        layers.Conv2DTranspose,
        layers.Conv3DTranspose,
    ),
}
"""Attribute → layers whose weights of that name multiply the most: where zeros are worth having.

Not depthwise kernels (few weights, and all of them matter), embeddings (looked up, not multiplied), biases,
normalization and recurrent layers.
"""


def prunable_kernels(model: keras.Model) -> dict[str, keras.Variable]:
    """The kernels that can be pruned, by the path of their layer: `"conv"`, or `"backbone/conv"` in a nested model.

    These are the kernels of dense, einsum-dense, convolution and transposed convolution layers, and the pointwise
    kernels of separable convolutions, in floating point. A kernel that two layers share has the name of the first.

    Raises:
        UnsupportedModelError: `model` is no Keras 3 model, or it is not built.
        InvalidArgumentError: `model` is no model at all.

    Example:

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="fc"), keras.layers.ReLU()])
    >>> list(prunable_kernels(model))
    ['fc']
    """
    require_keras_model(model)
    if not model.built:
        raise UnsupportedModelError(
            f"Model '{model.name}' has no weights yet.", remedy="Call it once on a batch, or build it."
        )
    found: dict[int, tuple[str, keras.Variable]] = {}
    for path, layer in named_layers(model).items():
        kernel = _kernel(layer)
        if kernel is not None:
            found.setdefault(id(kernel), (path, kernel))
    return dict(found.values())


def select_kernels(model: keras.Model, patterns: Sequence[str]) -> dict[str, keras.Variable]:
    """The prunable kernels whose layers are named by one of `patterns`.

    Args:
        model: A built model.
        patterns: Names or paths of layers, or shell patterns of them: `"fc1"`, `"backbone/*"`, `"conv?"`.

    Raises:
        UnsupportedModelError: A pattern names layers, but none that can be pruned.
        InvalidArgumentError: A pattern names no layer at all.
    """
    kernels = prunable_kernels(model)
    for pattern in patterns:
        if not any(names(pattern, path) for path in kernels):
            _refuse(model, pattern)
    return {path: kernel for path, kernel in kernels.items() if any(names(each, path) for each in patterns)}


def names(pattern: str, path: str) -> bool:
    """Whether a name, path or shell pattern names the layer at `path`.

    Example:

    >>> names("backbone/*", "backbone/conv"), names("conv", "backbone/conv"), names("conv", "conv2")
    (True, True, False)
    """
    return fnmatchcase(path, pattern) or fnmatchcase(path.rpartition("/")[2], pattern)


def _refuse(model: keras.Model, pattern: str) -> None:
    everything = named_layers(model)
    named = [f"'{path}' ({type(layer).__name__})" for path, layer in everything.items() if names(pattern, path)]
    if named:
        raise UnsupportedModelError(
            f"Cannot prune layer {', '.join(named)}.",
            expected="a dense, convolution or separable convolution layer with a floating point kernel",
            remedy=f"Leave it out. These can be pruned: {', '.join(prunable_kernels(model)) or 'none'}.",
        )
    raise InvalidArgumentError(
        f"No layer is named '{pattern}'.", expected=f"one of {', '.join(everything) or 'none'}", received=pattern
    )


def _kernel(layer: keras.Layer) -> keras.Variable | None:
    for attribute, kinds in _KERNELS.items():
        if isinstance(layer, kinds) and layer.built:
            kernel = getattr(layer, attribute)
            # Quantized layers hold integers, layers with LoRA compute their kernel from others.
            if isinstance(kernel, keras.Variable) and "float" in keras.backend.standardize_dtype(kernel.dtype):
                return kernel
    return None
