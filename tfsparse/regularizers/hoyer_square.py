# SPDX-License-Identifier: Apache-2.0
"""Square Hoyer penalty."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfsparse.regularizers.numbers import check_positive, magnitude, wide


@keras.saving.register_keras_serializable(package="tfsparse")
class HoyerSquare(keras.regularizers.Regularizer):
    """Penalty that measures how many values matter, whatever their scale:

        R(x) = l * (sum |x|)**2 / sum(x**2)

    Without `l` it runs from 1 (one value is not zero) to the number of values (all equal); for all zeros it is 0.
    The gradient, `2 * l * s1 / s2 * (sign(x) - x * s1 / s2)` with s1 = sum |x| and s2 = sum x**2, shrinks values
    below s2 / s1 and grows those above, and is 0 at zeros. It grows as 1 / scale of x.

    As `activity_regularizer` it is taken of each sample, and Keras divides the sum over the batch by the batch size.
    For weights, which have no batch axis, say `per_sample=False`. Computed in float32 or wider, after a division by
    the largest magnitude, so that no square over- or underflows.

    Args:
        l: Weight of the penalty, a finite number above 0.
        per_sample: Whether the first axis is the batch (activations) or one tensor is given as a whole (weights).

    Raises:
        InvalidArgumentError: `l` is out of its range.

    Example:

    >>> activations = [[3.0, 3.0, 0.0, 0.0], [5.0, 0.0, 0.0, 0.0]]
    >>> float(HoyerSquare(l=1.0)(activations))
    3.0

    Reference:
        Yang, Wen, Li, "DeepHoyer: Learning Sparser Neural Network with Differentiable Scale-Invariant Sparsity
        Measures", ICLR 2020, eq. 3.
    """

    def __init__(self, l: float = 1e-5, per_sample: bool = True) -> None:  # noqa: E741
        self.l = check_positive(l, "l")
        self.per_sample = bool(per_sample)

    def __call__(self, x: Any) -> Any:
        values = wide(x)
        axes = tuple(range(1 if self.per_sample else 0, len(values.shape)))
        peak = ops.stop_gradient(ops.max(ops.abs(values), axis=axes, keepdims=True))
        values = values / ops.where(peak > 0, peak, 1.0)  # changes neither R nor its gradient: R has no scale
        ones = ops.sum(magnitude(values), axis=axes)
        squares = ops.sum(ops.square(values), axis=axes)
        return self.l * ops.sum(ops.square(ones) / ops.where(squares > 0, squares, 1.0))

    def get_config(self) -> dict[str, Any]:
        return {"l": self.l, "per_sample": self.per_sample}
