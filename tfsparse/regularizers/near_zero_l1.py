# SPDX-License-Identifier: Apache-2.0
"""l1 penalty of small values alone."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfsparse.regularizers.numbers import check_positive, magnitude, wide


@keras.saving.register_keras_serializable(package="tfsparse")
class NearZeroL1(keras.regularizers.Regularizer):
    """l1 penalty that leaves large values alone:

        R(x) = l * sum of |x| over those x with |x| <= limit

    Small activations are pushed to zero, large ones, which carry what the network knows, are not shrunk. Together with
    thresholds (`tfsparse.surgery.replace_relus`, `tfsparse.callbacks.ThresholdScheduler`) of about `limit` it is the
    method STAR: what the threshold cuts off has been made small before. Computed in float32 or wider.

    Args:
        l: Weight of the penalty, a finite number above 0.
        limit: Largest magnitude that is penalized, a finite number above 0, in the unit of the activations.

    Raises:
        InvalidArgumentError: An argument is out of its range.

    Example:

    >>> float(NearZeroL1(l=0.5, limit=1.0)([0.5, -1.0, 3.0]))
    0.75

    Reference:
        Zhu et al., "STAR: Sparse Thresholded Activation under partial-Regularization for Activation Sparsity
        Exploration", CVPR Workshops 2023. The formula is recalled: the paper was not at hand.
    """

    def __init__(self, l: float = 1e-5, limit: float = 0.5) -> None:  # noqa: E741
        self.l = check_positive(l, "l")
        self.limit = check_positive(limit, "limit")

    def __call__(self, x: Any) -> Any:
        size = magnitude(wide(x))
        return self.l * ops.sum(ops.where(size <= self.limit, size, 0.0))

    def get_config(self) -> dict[str, float]:
        return {"l": self.l, "limit": self.limit}
