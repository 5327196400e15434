# SPDX-License-Identifier: Apache-2.0
"""How long a phone may take."""

from __future__ import annotations

import time

from tfsparse.errors import PhoneError


class PhoneTimeoutError(PhoneError):
    """A phone took longer than it was given."""


class Deadline:
    """So many seconds from now.

    Example:

    >>> Deadline(60).left() > 59
    True
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left, more than 0.

        Raises:
            PhoneTimeoutError: None are.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise PhoneTimeoutError(
                f"The phone took longer than {self._seconds:.0f} s.",
                remedy="Give it more with --timeout, or measure fewer runs.",
            )
        return left
