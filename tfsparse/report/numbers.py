# SPDX-License-Identifier: Apache-2.0
"""Numbers as a report prints them."""

from __future__ import annotations

NONE = "-"
"""What stands in a cell without a number."""


def percent(share: float | None, digits: int = 2) -> str:
    """A share in percent.

    Example:

    >>> percent(0.98444), percent(None), percent(0.5, digits=0)
    ('98.44 %', '-', '50 %')
    """
    return NONE if share is None else f"{100 * share:.{digits}f} %"


def points(difference: float) -> str:
    """A difference of two shares in percentage points, with its sign.

    Example:

    >>> points(-0.0125), points(0.0)
    ('-1.25 points', '±0.00 points')
    """
    hundredths = round(1e4 * difference)
    sign = "+" if hundredths > 0 else "-" if hundredths < 0 else "±"
    return f"{sign}{abs(hundredths) / 100:.2f} points"


def decimal(number: float | None, digits: int) -> str:
    """A number with so many digits behind the point.

    Example:

    >>> decimal(0.123456, 3), decimal(None, 3)
    ('0.123', '-')
    """
    return NONE if number is None else f"{number:.{digits}f}"


def count(number: float) -> str:
    """A whole number with its thousands apart.

    Example:

    >>> count(251455.24)
    '251,455'
    """
    return f"{round(number):,}"


def scale_of(largest: float) -> tuple[float, str]:
    """What to divide numbers by so that they can be read off an axis, and its name.

    Example:

    >>> scale_of(504_960), scale_of(2.6e7), scale_of(90)
    ((1000.0, 'thousands'), (1000000.0, 'millions'), (1.0, ''))
    """
    for size, name in ((1e9, "billions"), (1e6, "millions"), (1e3, "thousands")):
        if largest >= size:
            return size, name
    return 1.0, ""
