# SPDX-License-Identifier: Apache-2.0
"""How schedules are read: ours, those of the TensorFlow Model Optimization Toolkit, and plain functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from keras import ops

from tfsparse.errors import InvalidArgumentError

Schedule = Callable[[int], Any]
"""`step -> (should_update, value)`, in Python numbers or tensors; where a plain value is welcome, `step -> value`."""


def read_schedule(schedule: Schedule, step: int) -> tuple[bool, float]:
    """`schedule(step)` as a Python bool and float.

    Raises:
        InvalidArgumentError: The schedule returned no such pair.

    Example:

    >>> read_schedule(lambda step: (ops.convert_to_tensor(step > 5), ops.convert_to_tensor(0.5)), 10)
    (True, 0.5)
    """
    result = schedule(step)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise InvalidArgumentError(
            "A schedule returned something else than it should.",
            expected="a pair (should_update, sparsity)",
            received=result,
            remedy="See tfsparse.schedules.ConstantSparsity.",
        )
    return bool(_number(result[0])), float(_number(result[1]))


def latest_update(schedule: Schedule, after: int, step: int) -> float | None:
    """The value of the last update in the steps `(after, step]`, or `None` if there is none.

    Those who look at a schedule only now and then miss no update this way.

    Example:

    >>> latest_update(lambda step: (step % 10 == 0, step / 100), 7, 33)
    0.3
    """
    for each in range(step, after, -1):
        should_update, value = read_schedule(schedule, each)
        if should_update:
            return value
    return None


def _number(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) else ops.convert_to_numpy(value).item()
