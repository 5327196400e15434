# SPDX-License-Identifier: Apache-2.0
"""What the regularizers share: checked coefficients, wide numbers, and magnitudes with one gradient everywhere."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from tfsparse.errors import InvalidArgumentError


def check_positive(value: float, name: str) -> float:
    """Returns `value` as a float, or raises if it is not a finite number above 0.

    Raises:
        InvalidArgumentError: `value` is no number, NaN, infinite, zero or negative.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0.0 < number < math.inf:
        raise InvalidArgumentError(f"Invalid `{name}`.", expected="a finite number above 0", received=value)
    return number


def wide(x: Any) -> Any:
    """`x` as a tensor of float32, or of its own type where that is wider."""
    x = ops.convert_to_tensor(x)
    return ops.cast(x, keras.backend.result_type(x.dtype, "float32"))


def magnitude(x: Any) -> Any:
    """`|x|` with the gradient `sign(x)`, 0 at zero; that of `ops.abs` is 1 there on some backends."""
    return x * ops.stop_gradient(ops.sign(x))
