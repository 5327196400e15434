# SPDX-License-Identifier: Apache-2.0
"""The type that layers compute in."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import keras


@contextlib.contextmanager
def computing_in(policy: str) -> Iterator[None]:
    """Lets layers that are made inside the `with` block compute by a dtype policy, such as `"mixed_float16"`.

    Example:

    >>> with computing_in("mixed_bfloat16"):
    ...     layer = keras.layers.Dense(2)
    >>> layer.compute_dtype, keras.layers.Dense(2).compute_dtype
    ('bfloat16', 'float32')
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def in_float32(model: keras.Model) -> keras.Model:
    """The model itself if all its layers compute in float32, else a copy that does, with its weights.

    Example:

    >>> with computing_in("mixed_float16"):
    ...     model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> in_float32(model).layers[0].compute_dtype
    'float32'
    """
    if all(layer.compute_dtype == "float32" for layer in model.layers):
        return model

    def widened(layer: keras.Layer) -> keras.Layer:
        return type(layer).from_config({**layer.get_config(), "dtype": "float32"})

    copy = keras.models.clone_model(model, clone_function=widened)
    copy.set_weights(model.get_weights())
    return copy
