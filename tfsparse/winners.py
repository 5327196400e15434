# SPDX-License-Identifier: Apache-2.0
"""How many winners a winner rate stands for."""

from __future__ import annotations

import math

from tfsparse.errors import InvalidArgumentError

MASKS = ("winners", "elements", "sampled")
"""What a mask lets through: channels of feature maps and neurons of vectors; single elements everywhere, ranked
exactly; or these by a threshold that a subsample predicts."""


def check_winner_rate(rate: float, name: str = "winner_rate") -> float:
    """Returns `rate` as a float, or raises if it is no winner rate.

    Args:
        rate: Number in (0, 1].
        name: How the argument is called in the error message.

    Raises:
        InvalidArgumentError: `rate` is no number, NaN, or outside (0, 1].

    Example:

    >>> check_winner_rate(0.25)
    0.25
    """
    try:
        value = float(rate)
    except (TypeError, ValueError):
        value = math.nan
    if not 0.0 < value <= 1.0:
        raise InvalidArgumentError(f"Invalid `{name}`.", expected="a number in (0, 1]", received=rate)
    return value


def winner_count(rate: float, total: int) -> int:
    """The number of winners k among `total` neurons or channels: rate * total, rounded half up, at least one.

    Args:
        rate: Winner rate p in (0, 1] (DASNet, eq. 1).
        total: Number of neurons (dense layers) or channels (feature maps), at least 1.

    Returns:
        k = max(1, floor(rate * total + 0.5)).

    Example:

    >>> winner_count(0.5, 64), winner_count(0.01, 10), winner_count(1.0, 7)
    (32, 1, 7)
    """
    return max(1, math.floor(check_winner_rate(rate) * total + 0.5))
