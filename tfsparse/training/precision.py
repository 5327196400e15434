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
