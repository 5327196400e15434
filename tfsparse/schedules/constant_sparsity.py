# SPDX-License-Identifier: Apache-2.0
"""Constant sparsity from a step on."""

from __future__ import annotations

from typing import Any

import keras

from tfsparse.schedules.sparsity_schedule import SparsitySchedule, check_sparsity


@keras.saving.register_keras_serializable(package="tfsparse")
class ConstantSparsity(SparsitySchedule):
    """The same sparsity at every update.

    The first update is at `begin_step` itself, however large `frequency` is. Later ones change nothing where pruned
    weights are held at zero, as `MagnitudePruning` holds them; they matter to those who read the schedule otherwise.

    Args:
        target_sparsity: Share of zeros, in [0, 1).
        begin_step: Step of the first update, 0 or more.
        end_step: Last step with an update, or -1 for no end.
        frequency: Steps between updates, 1 or more.

    Raises:
        InvalidArgumentError: An argument is out of its range.

    Example:

    >>> schedule = ConstantSparsity(0.5, begin_step=10)
    >>> schedule(9), schedule(10)
    ((False, 0.5), (True, 0.5))
    """

    def __init__(self, target_sparsity: float, begin_step: int, end_step: int = -1, frequency: int = 100) -> None:
        super().__init__(begin_step, end_step, frequency)
        self.target_sparsity = check_sparsity(target_sparsity, "target_sparsity")

    def sparsity(self, step: int) -> float:
        return self.target_sparsity

    def get_config(self) -> dict[str, Any]:
        return {
            "target_sparsity": self.target_sparsity,
            "begin_step": self.begin_step,
            "end_step": self.end_step,
            "frequency": self.frequency,
        }
