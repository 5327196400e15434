# SPDX-License-Identifier: Apache-2.0
"""How much is measured, and for how long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tfsparse.bench.timing import Samples, time_for
from tfsparse.errors import InvalidArgumentError
from tfsparse.runtime.interpreter import Interpreter
from tfsparse.winners import check_winner_rate


@dataclass(frozen=True)
class Settings:
    """What a run of the suite covers.

    Attributes:
        threads: Numbers of threads to measure with.
        rates: Winner rates of the convolutions.
        seconds: Time for the rounds of one measurement.
        least_rounds: Rounds that are made even if they take longer.
        most_rounds: Rounds that are enough even if there is time left.
        max_weights: Layers and networks with more weights are left out.
        runtime: Interpreter package, as in `tfsparse.Interpreter`.
    """

    threads: tuple[int, ...] = (1, 2)
    rates: tuple[float, ...] = (0.3, 0.5, 0.7)
    seconds: float = 0.4
    least_rounds: int = 8
    most_rounds: int = 100
    max_weights: float = float("inf")
    runtime: str = "auto"

    def __post_init__(self) -> None:
        for rate in self.rates:
            check_winner_rate(rate)
        if not self.rates or not self.threads or min(self.threads) < 1:
            raise InvalidArgumentError(
                "Nothing to measure.",
                expected="at least one winner rate and one number of threads from 1",
                received=f"rates {list(self.rates)}, threads {list(self.threads)}",
            )

    def time(self, interpreters: Sequence[Interpreter], samples: Samples) -> list[list[float]]:
        """Milliseconds of each interpreter in each round, by turns."""
        return time_for(interpreters, samples, self.seconds, self.least_rounds, self.most_rounds)


QUICK = Settings(threads=(1,), rates=(0.5,), seconds=0.08, least_rounds=3, most_rounds=20, max_weights=1e8)
"""A first look: one thread, one winner rate, few rounds, no VGG-16 and no first fully connected layer of it."""
