# SPDX-License-Identifier: Apache-2.0
"""Sparsity that rises along a polynomial."""

from __future__ import annotations

from typing import Any

import keras

from tfsparse.errors import InvalidArgumentError
from tfsparse.schedules.sparsity_schedule import SparsitySchedule, check_sparsity

UPDATES = 100
"""About how many updates a schedule has whose frequency is not given."""


@keras.saving.register_keras_serializable(package="tfsparse")
class PolynomialDecay(SparsitySchedule):
    """Sparsity that changes quickly at first and settles at its final value:

        sparsity(step) = final + (initial - final) * (1 - (step - begin_step) / (end_step - begin_step))**power

    Args:
        initial_sparsity: Sparsity at `begin_step`, in [0, 1).
        final_sparsity: Sparsity from `end_step` on, in [0, 1).
        begin_step: First step with an update, 0 or more.
        end_step: Last step with an update, `begin_step` or more.
        power: Exponent, above 0.
        frequency: Steps between updates, counted from `begin_step`. Note that with a given frequency the final
            sparsity is reached only if `end_step - begin_step` is a multiple of it. `None`: about a hundred updates,
            the last one at `end_step`, however short the range is.

    Raises:
        InvalidArgumentError: An argument is out of its range.

    Example:

    >>> schedule = PolynomialDecay(0.0, 0.8, begin_step=0, end_step=10, power=1)
    >>> schedule(5), schedule(10), schedule(11)
    ((True, 0.4), (True, 0.8), (False, 0.8))

    Reference:
        Zhu, Gupta, "To prune, or not to prune: exploring the efficacy of pruning for model compression", 2017, eq. 1.
    """

    def __init__(
        self,
        initial_sparsity: float,
        final_sparsity: float,
        begin_step: int,
        end_step: int,
        power: float = 3,
        frequency: int | None = None,
    ) -> None:
        super().__init__(begin_step, end_step, 1 if frequency is None else frequency)
        if self.end_step == -1:
            raise InvalidArgumentError("Invalid `end_step`.", expected="`begin_step` or more", received=end_step)
        if not power > 0:
            raise InvalidArgumentError("Invalid `power`.", expected="a number above 0", received=power)
        self.initial_sparsity = check_sparsity(initial_sparsity, "initial_sparsity")
        self.final_sparsity = check_sparsity(final_sparsity, "final_sparsity")
        self.power = power
        self._spread = frequency is None

    def __call__(self, step: int) -> tuple[bool, float]:
        turn, sparsity = super().__call__(step)
        stride = max(1, (self.end_step - self.begin_step) // UPDATES)
        return turn and (not self._spread or (self.end_step - int(step)) % stride == 0), sparsity

    def sparsity(self, step: int) -> float:
        if step >= self.end_step:
            return self.final_sparsity
        if step <= self.begin_step:
            return self.initial_sparsity
        done = (step - self.begin_step) / (self.end_step - self.begin_step)
        return self.final_sparsity + (self.initial_sparsity - self.final_sparsity) * (1.0 - done) ** self.power

    def get_config(self) -> dict[str, Any]:
        return {
            "initial_sparsity": self.initial_sparsity,
            "final_sparsity": self.final_sparsity,
            "begin_step": self.begin_step,
            "end_step": self.end_step,
            "power": self.power,
            "frequency": None if self._spread else self.frequency,
        }
