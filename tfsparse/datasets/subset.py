# SPDX-License-Identifier: Apache-2.0
"""Some of the samples, whether they are an array or are read when asked for."""

from __future__ import annotations

from typing import Any

import numpy as np


def subset(x: Any, indices: np.ndarray) -> Any:
    """The samples at `indices`, in that order; those that are read when asked for are not read by this.

    Args:
        x: An array, or samples with a `subset` method of their own.
        indices: Integers `[samples]`.

    Example:

    >>> subset(np.array([[10], [11], [12]]), np.array([2, 0])).tolist()
    [[12], [10]]
    """
    return x.subset(indices) if hasattr(x, "subset") else x[indices]
