# SPDX-License-Identifier: Apache-2.0
"""Settings that were tried, which of them no other one beats, and the choice among these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar


class Measured(Protocol):
    """Whatever has a cost and an accuracy."""

    @property
    def accuracy(self) -> float: ...

    @property
    def cost(self) -> float: ...


M = TypeVar("M", bound=Measured)

_ROUNDING = 1e-9

ORIGINS = {
    "dense": "the dense network",
    "energy": "one energy for all layers",
    "greedy": "greedy by sensitivity",
    "search": "search",
    "descent": "descent from the best",
}
"""What each `Candidate.origin` is called in pictures and tables."""


@dataclass(frozen=True)
class Candidate:
    """A setting of a network and what it is worth.

    Args:
        rates: Winner rate by layer, of those at which some lose.
        sparsities: Share of pruned weights by layer, of those that lose some.
        origin: What proposed it: `"dense"`, `"energy"` (one threshold for all layers), `"greedy"` (by sensitivity),
            `"search"` (Optuna's sampler) or `"descent"` (one layer a little lower than in the best before).
        accuracy: On the validation samples without finetuning, 0 to 1.
        finetuned_accuracy: On them after finetuning; `None` if it was not finetuned.
        cost: MACs or milliseconds for one sample.
        macs: MACs for one sample.
    """

    rates: dict[str, float]
    sparsities: dict[str, float]
    origin: str
    accuracy: float
    finetuned_accuracy: float | None
    cost: float
    macs: int

    @property
    def best_accuracy(self) -> float:
        """Its accuracy after finetuning, if it was finetuned, else before."""
        return self.accuracy if self.finetuned_accuracy is None else self.finetuned_accuracy


def pareto_front(candidates: Iterable[M]) -> list[M]:
    """The candidates for which no other is cheaper and at least as accurate, or more accurate and no dearer.

    Args:
        candidates: In any order. Accuracies are those without finetuning.

    Returns:
        Them by rising cost, and so by rising accuracy.
    """
    front: list[M] = []
    for candidate in sorted(candidates, key=lambda each: (each.cost, -each.accuracy)):
        if not front or candidate.accuracy > front[-1].accuracy:
            front.append(candidate)
    return front


def reaches(accuracy: float, least: float) -> bool:
    """Whether an accuracy is high enough, but for the rounding of `least`: a budget of exactly so many samples counts.

    Example:

    >>> 0.7 >= 0.8 - 0.1, reaches(0.7, 0.8 - 0.1)
    (False, True)
    """
    return accuracy >= least - _ROUNDING


def choose(candidates: Sequence[Candidate], least_accuracy: float, at_most: float | None) -> Candidate | None:
    """The cheapest candidate that is accurate enough; with a cost asked for, the most accurate one that meets it.

    Args:
        candidates: What to choose from; accuracies are those after finetuning, where there are any.
        least_accuracy: The accuracy that must be kept.
        at_most: The cost asked for, or `None`.
    """
    good = [each for each in candidates if reaches(each.best_accuracy, least_accuracy)]
    if at_most is None:
        return min(good, key=lambda each: (each.cost, -each.best_accuracy), default=None)
    return min((each for each in good if each.cost <= at_most), key=lambda e: (-e.best_accuracy, e.cost), default=None)


def closest(candidates: Sequence[Candidate], least_accuracy: float, at_most: float | None) -> Candidate | None:
    """The candidate that misses what is asked for by the least: first in cost, then in accuracy."""

    def missing(each: Candidate) -> tuple[float, float, float]:
        over = 0.0 if at_most is None else max(0.0, each.cost - at_most)
        return over, max(0.0, least_accuracy - each.best_accuracy), each.cost

    return min(candidates, key=missing, default=None)
