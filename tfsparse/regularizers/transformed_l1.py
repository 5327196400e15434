# SPDX-License-Identifier: Apache-2.0
"""Transformed l1 penalty."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfsparse.regularizers.numbers import check_positive, magnitude, wide


@keras.saving.register_keras_serializable(package="tfsparse")
class TransformedL1(keras.regularizers.Regularizer):
    """Penalty between l0 and l1 that pushes small values to zero and leaves large ones nearly alone:

        R(x) = l * sum((1 + beta) * |x| / (beta + |x|))

    Each term runs from 0 at x = 0 to 1 + beta; beta → 0 counts non-zeros (l0), beta → infinity is l1. The gradient,
    `l * (1 + beta) * beta / (beta + |x|)**2 * sign(x)`, is steepest next to zero, where it is at most
    `l * (1 + 1 / beta)`, and it is 0 at zero.

    As `activity_regularizer`, Keras divides the sum by the batch size, which makes it the mean over the samples of
    the batch, as in the paper. As `kernel_regularizer`, it is the plain sum. Computed in float32 or wider.

    Args:
        l: Weight of the penalty, a finite number above 0.
        beta: Where between l0 and l1, a finite number above 0.

    Raises:
        InvalidArgumentError: An argument is out of its range.

    Example:

    >>> float(TransformedL1(l=0.5, beta=1.0)([0.0, 1.0, -3.0]))
    1.25

    Reference:
        "Dual sparse training framework: inducing activation map sparsity via Transformed l1 regularization", 2024,
        section on transformed l1.
    """

    def __init__(self, l: float = 1e-5, beta: float = 1.0) -> None:  # noqa: E741
        self.l = check_positive(l, "l")
        self.beta = check_positive(beta, "beta")

    def __call__(self, x: Any) -> Any:
        size = magnitude(wide(x))
        return self.l * (1.0 + self.beta) * ops.sum(size / (self.beta + size))

    def get_config(self) -> dict[str, float]:
        return {"l": self.l, "beta": self.beta}
