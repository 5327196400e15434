# SPDX-License-Identifier: Apache-2.0
"""Finds the least energy that winners need to keep for a network to stay accurate enough."""

from __future__ import annotations

from collections.abc import Sequence

GROWTH = 2.0
"""Factor on the energy given up while nothing has failed yet, or nothing has passed yet."""


def next_factor(tried: Sequence[tuple[float, bool]]) -> float:
    """The factor on the energy given up, 1 - energy, that is to be tried next.

    While all trials passed, the energy given up is doubled; while all failed, halved. From then on it is the geometric
    mean of the largest that passed and the smallest that failed. A trial that passed above one that failed counts:
    training is noisy, and what was reached was reached.

    Args:
        tried: Factors and whether the network was accurate enough, in any order; empty for the first.

    Example:

    >>> next_factor([]), next_factor([(1.0, True)]), next_factor([(1.0, True), (4.0, False)])
    (1.0, 2.0, 2.0)

    Reference:
        Yang, Qing, et al., "DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement", 2019,
        Fig. 8.
    """
    if not tried:
        return 1.0
    passed = max((factor for factor, good in tried if good), default=None)
    failed = min((factor for factor, good in tried if not good and factor > (passed or 0.0)), default=None)
    if passed is None:
        return min(factor for factor, _ in tried) / GROWTH
    if failed is None:
        return passed * GROWTH
    return (passed * failed) ** 0.5


def scaled_energy(energy: float, factor: float) -> float:
    """The energy that is left if `factor` times as much is given up; never quite 0.

    Example:

    >>> scaled_energy(0.75, 2.0)
    0.5
    """
    return max(1.0 - (1.0 - energy) * factor, 1e-3)
