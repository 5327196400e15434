# SPDX-License-Identifier: Apache-2.0
"""Which units of a sample win: exactly k, ties to the lower index, the same on every backend."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

FEW = 4
"""How many candidates a search may leave over for the last step, which orders them."""


def winner_mask(scores: Any, winners: Any) -> Any:
    """Marks the highest scores of each row.

    The k-th highest score is the threshold; whoever is above it wins, and the seats that are left go to those equal
    to it, first come first served. Unlike a top-k operator this lets k be a tensor, so it can change without a new
    trace.

    Args:
        scores: Tensor `(rows, n)` of non-negative floats. NaN ranks above every number. Whatever lies within 0.1 % of
            the largest finite number of its type, infinity included, counts as equal.
        winners: k, an integer or a scalar integer tensor, in [1, n].

    Returns:
        Boolean tensor `(rows, n)` with exactly k true entries in each row; among equal scores the lower index wins.

    Example:

    >>> scores = ops.convert_to_tensor([[1.0, 3.0, 3.0, 3.0]])
    >>> ops.convert_to_numpy(winner_mask(scores, 2)).tolist()
    [[False, True, True, False]]
    """
    dtype = keras.backend.result_type(scores.dtype, "float32")
    largest = ops.cast(np.finfo(dtype).max, dtype)
    scores = ops.cast(scores, dtype)
    keys = ops.where(ops.isnan(scores), largest, ops.minimum(scores, largest * 0.999))
    winners = ops.cast(winners, "float32")
    threshold, excess = _kth_highest(keys, winners)
    qualified = keys >= threshold

    def seat_tied() -> Any:
        above = keys > threshold
        tied = ops.cast(keys == threshold, "float32")
        seats = winners - _count(above)
        return ops.logical_or(above, ops.logical_and(tied > 0, ops.cumsum(tied, axis=-1) <= seats))

    return ops.cond(ops.any(excess > 0), seat_tied, lambda: qualified)


def _count(mask: Any) -> Any:
    # A product with ones, in floats: exact up to 2**24 units, and on CPUs far quicker than a sum over integers.
    return ops.matmul(ops.cast(mask, "float32"), ops.ones((mask.shape[-1], 1), "float32"))


def _kth_highest(keys: Any, winners: Any) -> tuple[Any, Any]:
    """The k-th highest of each row, and by how much those that are not below it outnumber k; both `(rows, 1)`.

    Halves a bracket, `count(keys > low) >= k > count(keys > high)`, until few more than k are above `low`, or all that
    are left in it are equal; then the answer is among the lowest of those above `low`. Where k is no constant, this is
    several times quicker than sorting.
    """
    few = min(FEW, keys.shape[-1])
    high = ops.max(keys, axis=-1, keepdims=True)
    middle = ops.zeros_like(high)  # to begin with: often less than k are above zero, and that is the end of it
    surplus = ops.cast(middle, "float32") + (keys.shape[-1] - winners)

    def searching(low: Any, middle: Any, high: Any, surplus: Any) -> Any:
        apart = ops.logical_and(low < middle, middle < high)
        return ops.any(ops.logical_and(surplus >= few, apart))

    def halve(low: Any, middle: Any, high: Any, surplus: Any) -> tuple[Any, Any, Any, Any]:
        above_middle = _count(keys > middle) - winners
        up = above_middle >= 0
        low, high = ops.where(up, middle, low), ops.where(up, high, middle)
        return low, ops.maximum(low + (high - low) * 0.5, 0.0), high, ops.where(up, above_middle, surplus)

    low, _, _, surplus = ops.while_loop(searching, halve, (middle - 1, middle, high, surplus))
    lowest, _ = ops.top_k(ops.where(keys > low, -keys, -np.inf), few)
    position = ops.cast(ops.minimum(surplus, few - 1), "int32")
    threshold = ops.take_along_axis(lowest, position, axis=-1)
    return -threshold, surplus - ops.sum(ops.cast(lowest > threshold, "float32"), axis=-1, keepdims=True)
