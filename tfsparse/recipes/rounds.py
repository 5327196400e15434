# SPDX-License-Identifier: Apache-2.0
"""The rounds of a search, for winner rates or for penalties, and which of them is the best."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    import keras

    from tfsparse.recipes.context import StageContext


class Proposal(NamedTuple):
    """Winner rates to try, and the energy that gave them; see `Round`."""

    factor: float
    energy: float | dict[str, float] | None
    rates: dict[str, float]


@dataclass(frozen=True)
class Round:
    """One finetuning at certain winner rates, and what came of it.

    Args:
        factor: Energy given up, as a multiple of that of the first round.
        energy: Energy that winners keep, of all layers or by layer; `None` where rates were given.
        rates: Winner rate by layer.
        accuracy: Accuracy on the validation samples, 0 to 1.
        passed: Whether that is within the budget.
        macs: Multiply-accumulates of the dense network, per sample.
        macs_after_wta: Those that are left where whole channels and neurons win.
        effective_macs: Those of a non-zero activation with a non-zero weight.
        macs_left: The one of the two that rounds are compared by.
        pruned_feature_maps: Share of the masked feature maps that do not win; `None` where none is masked.
        pruned_fc_activations: Likewise of the activations between fully connected layers.
    """

    factor: float
    energy: float | dict[str, float] | None
    rates: dict[str, float]
    accuracy: float
    passed: bool
    macs: int
    macs_after_wta: int
    effective_macs: float
    macs_left: float
    pruned_feature_maps: float | None
    pruned_fc_activations: float | None

    def sentence(self, number: int, baseline: float) -> str:
        """What came of it, for people."""
        energy = f"energy {self.energy:.4%}, " if isinstance(self.energy, float) else ""
        return (
            f"Round {number}: {energy}{_share_and_accuracy(self)} ({self.accuracy - baseline:+.2%}), {_verdict(self)}"
        )


@dataclass(frozen=True)
class PenaltyRound:
    """One finetuning with a penalty on activations, and what came of it.

    Args:
        l: Weight of the penalty; `None` without a penalty.
        beta: Its place between l0 and l1.
        accuracy: Accuracy on the validation samples, 0 to 1.
        passed: Whether that is within the budget.
        macs: Multiply-accumulates of the dense network, per sample.
        effective_macs: Those of a non-zero activation with a non-zero weight.
        activation_zeros: Share of zeros in what activation functions return.
    """

    l: float | None  # noqa: E741
    beta: float | None
    accuracy: float
    passed: bool
    macs: int
    effective_macs: float
    activation_zeros: float

    @property
    def macs_left(self) -> float:
        """Multiply-accumulates that are left."""
        return self.effective_macs

    def sentence(self, number: int, baseline: float) -> str:
        """What came of it, for people."""
        weights = "" if self.l is None else f"l {self.l:g}, beta {self.beta:g}, "
        return (
            f"Round {number}: {weights}{self.activation_zeros:.1%} zeros in activation maps, "
            f"{_share_and_accuracy(self)} ({self.accuracy - baseline:+.2%}), {_verdict(self)}"
        )


AnyRound = Round | PenaltyRound
R = TypeVar("R", Round, PenaltyRound)


def is_better(one: AnyRound, other: AnyRound) -> bool:
    """Whether a round is to be preferred: within the budget, then by multiplications, else by accuracy."""
    if one.passed != other.passed:
        return one.passed
    if not one.passed:
        return one.accuracy > other.accuracy
    return (one.macs_left, -one.accuracy) < (other.macs_left, -other.accuracy)


class Rounds(Generic[R]):
    """The rounds of a stage so far, and the best of them.

    Args:
        context: What the stage works with.
        budget: Validation accuracy that may be lost.
        start: The model before the first round.
    """

    def __init__(self, context: StageContext, budget: float, start: keras.Model) -> None:
        self._context = context
        self._budget = budget
        self.done: list[R] = []
        self.best: R | None = None
        self.best_model = start

    @property
    def next_leg(self) -> str:
        """Name of the training of the next round."""
        return f"round-{len(self.done) + 1}"

    @property
    def met_budget(self) -> bool:
        """Whether the best round is within the budget."""
        return self.best is not None and self.best.passed

    def add(self, found: R, model: keras.Model) -> None:
        """Takes in what came of a round, and its model, which is kept while it is the best."""
        self.done.append(found)
        self._context.note(found.sentence(len(self.done), self._context.baseline))
        if self.best is None or is_better(found, self.best):
            self.best, self.best_model = found, model

    def record(self) -> None:
        """Records all rounds and which was taken; says so if none was within the budget."""
        best, context = self.best, self._context
        if best is None:
            return
        context.record("rounds", [asdict(each) for each in self.done])
        context.record("best_round", self.done.index(best) + 1)
        context.record("accuracy_budget", self._budget)
        context.record("met_budget", best.passed)
        if not best.passed:
            context.fall_short(
                f"No settings were found that lose at most {self._budget:.2%} accuracy in {len(self.done)} round(s) of "
                f"{context.folder.name}. The closest loses {context.baseline - best.accuracy:.2%} at "
                f"{best.macs_left / best.macs:.1%} of the MACs, and is kept. Allow a larger accuracy_budget, more "
                "rounds or longer finetuning."
            )


def _share_and_accuracy(each: AnyRound) -> str:
    return f"{each.macs_left / each.macs:.1%} of the MACs, validation accuracy {each.accuracy:.2%}"


def _verdict(each: AnyRound) -> str:
    return "within the budget" if each.passed else "beyond the budget"
