# SPDX-License-Identifier: Apache-2.0
"""Which units of a sample win: exactly k, ties to the lower index, the same on every backend."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


def winner_mask(scores: Any, winners: Any) -> Any:
    """Marks the highest scores of each row.

    One sort gives the k-th highest score; whoever is above it wins, and the seats that are left go to those equal to
    it, first come first served. Unlike a top-k operator this lets k be a tensor, so it can change without a new trace.

    Args:
        scores: Tensor `(rows, n)` of non-negative floats. NaN ranks above every number. Infinity ranks with the
            largest finite number of the type it is compared in (float32 at least).
        winners: k, an integer or a scalar integer tensor, in [1, n].

    Returns:
        Boolean tensor `(rows, n)` with exactly k true entries in each row; among equal scores the lower index wins.

    Example:

    >>> winner_mask(np.array([[1.0, 3.0, 3.0, 3.0]]), 2)[0].numpy().tolist()
    [False, True, True, False]
    """
    dtype = keras.backend.result_type(scores.dtype, "float32")
    scores = ops.cast(scores, dtype)
    largest = ops.cast(np.finfo(dtype).max, dtype)
    keys = ops.where(ops.isnan(scores), np.inf, ops.minimum(scores, largest))
    position = ops.reshape(ops.shape(keys)[-1] - winners, (1,))
    threshold = ops.take(ops.sort(keys, axis=-1), position, axis=-1)
    above = keys > threshold
    tied = keys == threshold
    seats = winners - ops.sum(ops.cast(above, "int32"), axis=-1, keepdims=True)
    seated = ops.cumsum(ops.cast(tied, "int32"), axis=-1) <= seats
    return ops.logical_or(above, ops.logical_and(tied, seated))
