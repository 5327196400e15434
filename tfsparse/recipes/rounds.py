# SPDX-License-Identifier: Apache-2.0
"""The rounds of a search for winner rates, and which of them is the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
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
        macs_after_wta: Those that are left.
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
    pruned_feature_maps: float | None
    pruned_fc_activations: float | None

    def is_better_than(self, other: Round) -> bool:
        """Whether this round is to be preferred: within the budget, then by multiplications, else by accuracy."""
        if self.passed != other.passed:
            return self.passed
        if not self.passed:
            return self.accuracy > other.accuracy
        return (self.macs_after_wta, -self.accuracy) < (other.macs_after_wta, -other.accuracy)

    def sentence(self, number: int, baseline: float) -> str:
        """What came of it, for people."""
        energy = f"energy {self.energy:.4%}, " if isinstance(self.energy, float) else ""
        return (
            f"Round {number}: {energy}{self.macs_after_wta / self.macs:.1%} of the MACs, validation accuracy "
            f"{self.accuracy:.2%} ({self.accuracy - baseline:+.2%}), "
            f"{'within' if self.passed else 'beyond'} the budget"
        )


def record_rounds(rounds: Sequence[Round], best: Round | None, budget: float, context: StageContext) -> None:
    """Records all rounds and which was taken; says so if none was within the budget."""
    if best is None:
        return
    context.record("rounds", [asdict(each) for each in rounds])
    context.record("best_round", rounds.index(best) + 1)
    context.record("accuracy_budget", budget)
    context.record("met_budget", best.passed)
    if not best.passed:
        context.fall_short(
            f"No winner rates were found that lose at most {budget:.2%} accuracy in {len(rounds)} round(s). "
            f"The closest loses {context.baseline - best.accuracy:.2%} at {best.macs_after_wta / best.macs:.1%} of the "
            "MACs, and is kept. Allow a larger accuracy_budget, more rounds, or longer finetuning."
        )
