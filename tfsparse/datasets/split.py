# SPDX-License-Identifier: Apache-2.0
"""Samples set aside for validation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tfsparse.datasets.dataset import Dataset
from tfsparse.datasets.subset import subset
from tfsparse.errors import InvalidArgumentError


def split_validation(dataset: Dataset, share: float, seed: int = 0) -> tuple[Dataset, np.ndarray, np.ndarray]:
    """Sets a share of each class's training samples aside, so that choices need not be made on the test samples.

    Args:
        dataset: With training samples.
        share: Share to set aside, in [0, 1); 0 sets none aside. Each class keeps at least one sample to train on.
        seed: Chooses the samples, together with the labels alone.

    Returns:
        The data set without those samples (its test part unchanged), their inputs, and their labels. All keep the
        order of the source.

    Raises:
        InvalidArgumentError: The share is outside its range, or so small that nothing would be set aside.

    Example:

    >>> dataset = Dataset(np.arange(20.0)[:, None], np.arange(20) % 2, np.zeros((1, 1)), np.array([0]))
    >>> rest, x_val, y_val = split_validation(dataset, share=0.2, seed=0)
    >>> rest.x_train.shape, x_val.shape, np.bincount(y_val)
    ((16, 1), (4, 1), array([2, 2]))
    """
    if not 0.0 <= share < 1.0:
        raise InvalidArgumentError("Invalid `share`.", expected="a number in [0, 1)", received=share)
    chosen = _chosen(dataset.y_train, share, seed)
    if share > 0 and not chosen.any():
        raise InvalidArgumentError(
            "Nothing would be left to validate on.",
            expected="a share of at least one sample",
            received=f"{share} of {len(chosen)} samples",
            remedy="Set a larger share aside, or none (0).",
        )
    held, rest = np.flatnonzero(chosen), np.flatnonzero(~chosen)
    kept = replace(dataset, x_train=subset(dataset.x_train, rest), y_train=dataset.y_train[rest])
    return kept, subset(dataset.x_train, held), dataset.y_train[held]


def _chosen(labels: np.ndarray, share: float, seed: int) -> np.ndarray:
    """Which samples are set aside: of each class its share, where the largest fractions make the sum right."""
    classes, members = np.unique(labels, return_counts=True)
    exact = members * share
    counts = np.floor(exact).astype(int)
    missing = round(float(exact.sum())) - int(counts.sum())
    largest = np.argsort(counts - exact, kind="stable")
    for position in largest[counts[largest] < members[largest] - 1][:missing]:
        counts[position] += 1
    rng = np.random.default_rng(seed)
    chosen = np.zeros(len(labels), bool)
    for label, count in zip(classes, counts, strict=True):
        chosen[rng.permutation(np.flatnonzero(labels == label))[:count]] = True
    return chosen
