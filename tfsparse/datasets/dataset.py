# SPDX-License-Identifier: Apache-2.0
"""A labelled data set, split into a part to train on and a part to test on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Dataset:
    """Inputs and integer class labels, in the layout of Keras' own data sets.

    Where the samples do not fit in memory, `x_train` and `x_test` are `EncodedImages`: they have `shape`, `dtype` and
    `len`, and decode what a slice or an array of indices asks for.

    Attributes:
        x_train: Inputs to train on, `[samples, ...]`; empty where the source holds test data only.
        y_train: Labels `[samples]` of `x_train`, integers from 0.
        x_test: Inputs to test on, `[samples, ...]`.
        y_test: Labels `[samples]` of `x_test`, integers from 0.
        origin: Arguments of the `load_dataset` that gave it, as JSON has them; `None`: something else gave it.
    """

    x_train: Any
    y_train: np.ndarray
    x_test: Any
    y_test: np.ndarray
    origin: dict[str, Any] | None = field(default=None, compare=False)

    @property
    def num_classes(self) -> int:
        """One more than the highest label.

        Example:

        >>> Dataset(np.zeros((1, 4)), np.array([2]), np.zeros((2, 4)), np.array([0, 6])).num_classes
        7
        """
        return int(np.concatenate([self.y_train, self.y_test]).max()) + 1
