# SPDX-License-Identifier: Apache-2.0
"""What every schedule has: a range of steps, and turns in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from tfsparse.errors import InvalidArgumentError


class SparsitySchedule(ABC):
    """Says at which training steps sparsity is set anew, and to what: `schedule(step) -> (should_update, sparsity)`.

    This is the protocol of the TensorFlow Model Optimization Toolkit, in plain Python numbers. A step is a number of
    optimizer updates done.

    Args:
        begin_step: First step with an update, 0 or more.
        end_step: Last step at which there may be an update, `begin_step` or more; -1 for no end.
        frequency: An update every so many steps, counted from `begin_step`; 1 or more.

    Raises:
        InvalidArgumentError: An argument is out of its range.
    """

    def __init__(self, begin_step: int, end_step: int, frequency: int) -> None:
        self.begin_step = _check_integer(begin_step, "begin_step", 0)
        self.end_step = _check_integer(end_step, "end_step", -1)
        self.frequency = _check_integer(frequency, "frequency", 1)
        if self.end_step not in (-1, max(self.begin_step, self.end_step)):
            raise InvalidArgumentError(
                "Invalid `end_step`.", expected=f"-1, or `begin_step` ({begin_step}) or more", received=end_step
            )

    def __call__(self, step: int) -> tuple[bool, float]:
        """Whether the sparsity shall be set at `step`, and the sparsity of that step."""
        step = int(step)
        ended = self.end_step != -1 and step > self.end_step
        turn = (step - self.begin_step) % self.frequency == 0
        return step >= self.begin_step and not ended and turn, self.sparsity(step)

    @abstractmethod
    def sparsity(self, step: int) -> float:
        """The sparsity in [0, 1) that belongs to `step`, whether or not there is an update."""

    @abstractmethod
    def get_config(self) -> dict[str, Any]:
        """The arguments that make an equal schedule."""

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> SparsitySchedule:
        """Makes a schedule of what `get_config` returned."""
        return cls(**config)


def check_sparsity(value: float, name: str) -> float:
    """Returns `value` as a float, or raises if it is no sparsity in [0, 1).

    Raises:
        InvalidArgumentError: `value` is no number, NaN, or outside [0, 1).
    """
    try:
        sparsity = float(value)
    except (TypeError, ValueError):
        sparsity = -1.0
    if not 0.0 <= sparsity < 1.0:
        raise InvalidArgumentError(f"Invalid `{name}`.", expected="a number in [0, 1)", received=value)
    return sparsity


def _check_integer(value: int, name: str, lowest: int) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < lowest:
        raise InvalidArgumentError(f"Invalid `{name}`.", expected=f"an integer, {lowest} or more", received=value)
    return int(value)
