# SPDX-License-Identifier: Apache-2.0
"""A labelled data set, split into a part to train on and a part to test on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Dataset:
    """Inputs and integer class labels, in the layout of Keras' own data sets.

    Attributes:
        x_train: Inputs to train on, `[samples, ...]`; `None` where the source holds test data only.
        y_train: Labels `[samples]` of `x_train`, integers from 0.
        x_test: Inputs to test on, `[samples, ...]`.
        y_test: Labels `[samples]` of `x_test`, integers from 0.
    """

    x_train: np.ndarray | None
    y_train: np.ndarray | None
    x_test: np.ndarray
    y_test: np.ndarray

    @property
    def num_classes(self) -> int:
        """One more than the highest label.

        Example:

        >>> Dataset(None, None, np.zeros((2, 4)), np.array([0, 6])).num_classes
        7
        """
        labels = self.y_test if self.y_train is None else np.concatenate([self.y_train, self.y_test])
        return int(labels.max()) + 1
