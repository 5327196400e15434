# SPDX-License-Identifier: Apache-2.0
"""Looks at the activations of any layer, nested and shared ones too, while a model runs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

Observer = Callable[[keras.Layer, int, Any, Any], None]
"""Is told of each call: the layer, how often it was called before in this `with` block, its input, its output."""


@contextmanager
def observing(layers: Iterable[keras.Layer], observe: Observer) -> Iterator[None]:
    """Calls `observe` after each call of one of `layers` inside the `with` block.

    Works wherever a layer is called, in nested and subclassed models too, on every backend. The model has to be called
    directly, `model(x)`: compiled functions such as `model.predict` run without calling layers. Nothing is stored, so
    memory holds only what `observe` keeps.

    Args:
        layers: Layers to watch.
        observe: Gets `(layer, index, inputs, outputs)`; `inputs` is the first positional argument, as the layer's
            `call` got it, so already in the layer's compute type.

    Example:

    >>> dense = keras.layers.Dense(2)
    >>> shapes = []
    >>> with observing([dense], lambda layer, index, inputs, outputs: shapes.append((index, tuple(outputs.shape)))):
    ...     _ = dense(np.ones((3, 4)))
    >>> shapes
    [(0, (3, 2))]
    """
    watched = list({id(layer): layer for layer in layers}.values())
    replaced = [vars(layer).get("call") for layer in watched]
    for layer in watched:
        layer.call = _observed(layer, observe)
    try:
        yield
    finally:
        for layer, call in zip(watched, replaced, strict=True):
            if call is None:
                del layer.call  # the method of the class comes back into sight
            else:
                layer.call = call


def _observed(layer: keras.Layer, observe: Observer) -> Callable[..., Any]:
    call = layer.call
    index = 0

    @functools.wraps(call)
    def observed(*args: Any, **kwargs: Any) -> Any:
        nonlocal index
        outputs = call(*args, **kwargs)
        inputs = args[0] if args else next(iter(kwargs.values()), None)
        observe(layer, index, inputs, outputs)
        index += 1
        return outputs

    return observed


def run(model: keras.Model, batch: Any) -> None:
    """Runs `model` on one batch layer by layer, in inference mode.

    Args:
        model: A built model.
        batch: What the model takes: an array, or a list or dict of arrays.
    """
    model(keras.tree.map_structure(keras.ops.convert_to_tensor, batch), training=False)


def to_numpy(tensor: Any) -> np.ndarray:
    """A tensor of any backend as an array; an array as it is."""
    return tensor if isinstance(tensor, np.ndarray) else np.asarray(keras.ops.convert_to_numpy(tensor))
