# SPDX-License-Identifier: Apache-2.0
"""Winners-take-all masks, as tight as the accuracy allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from tfsparse.analysis.consumers import find_consumers
from tfsparse.analysis.graph import trace
from tfsparse.analysis.profile import profile
from tfsparse.analysis.pruned import pruned_activations
from tfsparse.analysis.winner_rates import layer_energies, rates_at
from tfsparse.errors import InvalidArgumentError
from tfsparse.pruning.kernels import names
from tfsparse.recipes.accounting import PROFILE_BATCH
from tfsparse.recipes.energy_search import next_factor, scaled_energy
from tfsparse.recipes.rounds import Proposal, Round, Rounds
from tfsparse.surgery.sparsify import sparsify
from tfsparse.training.settings import Finetuning, NonNegative, Settings

if TYPE_CHECKING:
    import keras
    import numpy as np

    from tfsparse.recipes.context import StageContext

Energy = Annotated[float, Field(gt=0, le=1)]
Rate = Annotated[float, Field(gt=0, le=1)]

CURVE = [0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 0.9999, 1.0]
"""Energies at which winner rates are recorded, for pictures."""

PROFILED_SAMPLES = 100
"""Samples on which a round's multiplications are counted."""

TRIALS_PER_ROUND = 4
"""How often winner rates are looked up for each finetuning: several energies may give the same ones."""


class WinnersStage(Settings):
    """Puts winners-take-all masks in and finetunes, again and again, until the fewest multiplications are left.

    Energy gives the winner rates, the network is finetuned with them and measured on the validation samples. Then less
    or more energy is tried, by bisection, until `rounds` are done; the round of the fewest multiplications that is
    within the accuracy budget wins. Multiplications are those after winners-take-all or, where single elements win,
    those of non-zero pairs.
    """

    stage: Literal["winners"] = Field(default="winners", description="Which stage it is.")
    energy: Energy | dict[str, Energy] = Field(
        default=0.99, description="Share of the energy that winners keep in the first round; or one by layer."
    )
    energies: list[Energy] | None = Field(
        default=None, min_length=1, description="Given, there is a round for each of these, in place of the search."
    )
    rates: dict[str, Rate] | None = Field(default=None, description="Winner rates by layer; given, there is one round.")
    mask: Literal["winners", "elements", "sampled"] = Field(
        default="winners",
        description="What wins: whole channels and neurons; or single elements in feature maps, too, ranked exactly or "
        "by a threshold that a subsample predicts.",
    )
    score: Literal["max", "mean"] = Field(default="max", description="How channels are ranked.")
    layers: list[str] = Field(
        default=["*"], description="Names or shell patterns of the layers that are to read winners."
    )
    exclude: list[str] = Field(default=[], description="Names or shell patterns of those among them that are not.")
    accuracy_budget: NonNegative = Field(
        default=0.005,
        description="Validation accuracy that may be lost, beside the dense network: 0.005 is half a percent.",
    )
    rounds: int = Field(default=6, ge=1, description="Rounds of the search.")
    start_from: Literal["dense", "passed"] = Field(
        default="dense",
        description="Weights that a round begins with: those before the stage, or of the best round so far.",
    )
    calibration_samples: int = Field(default=1000, ge=1, description="Training samples on which energies are measured.")
    finetune: Finetuning = Field(default=Finetuning(), description="The training of each round.")

    @model_validator(mode="after")
    def _one_of_them(self) -> WinnersStage:
        if self.energies is not None and self.rates is not None:
            raise ValueError("give energies or rates, not both")
        return self

    def check(self, model: keras.Model) -> None:
        """Refuses names of layers that the model does not have, or that cannot read winners."""
        by_layer = self.rates if self.rates is not None else self.energy
        if isinstance(by_layer, dict):
            find_consumers(trace(model)).require(list(by_layer), "rates" if self.rates is not None else "energy")
        else:
            self._layers(model)

    def run(self, context: StageContext) -> keras.Model:
        """Searches, and returns the model of the best round, or of the most accurate one if none is good enough."""
        dense = context.model
        rounds: Rounds[Round] = Rounds(context, self.accuracy_budget, dense)
        for proposal in self._proposals(dense, context, rounds.done):
            start = rounds.best_model if self.start_from == "passed" and rounds.met_budget else dense
            model = sparsify(start, proposal.rates, score=self.score, mask=self.mask)
            model, _ = context.fit(model, self.finetune, leg=rounds.next_leg)
            rounds.add(self._measured(model, proposal, context), model)
        rounds.record()
        return rounds.best_model

    def _proposals(self, dense: keras.Model, context: StageContext, rounds: list[Round]) -> Iterator[Proposal]:
        """What to try, given the rounds so far."""
        if self.rates is not None:
            yield Proposal(1.0, None, self.rates)
            return
        measured = self._energies(dense, context)
        if self.energies is not None:
            for each in self.energies:
                yield Proposal(1.0 - each, each, rates_at(measured, each))
            return
        tried: list[tuple[float, bool]] = []
        while len(rounds) < self.rounds and len(tried) < TRIALS_PER_ROUND * self.rounds:
            factor = next_factor(tried)
            energy = self._energy_at(factor)
            rates = rates_at(measured, energy)
            same = [each for each in rounds if each.rates == rates]
            if not same:
                yield Proposal(factor, energy, rates)
            # Rates that were there before, in a small network, are not trained again.
            tried.append((factor, (same or rounds)[-1].passed))

    def _energies(self, dense: keras.Model, context: StageContext) -> dict[str, np.ndarray]:
        """Measures the energies of the layers in question, and records their curves."""
        layers = list(self.energy) if isinstance(self.energy, dict) else self._layers(dense)
        x = context.data.calibration(self.calibration_samples)
        measured = layer_energies(dense, x, layers=layers, mask=self.mask)
        curves = {name: [rates_at({name: each}, energy)[name] for energy in CURVE] for name, each in measured.items()}
        context.record("energy_curves", {"energy": CURVE, "rates": curves})
        return measured

    def _energy_at(self, factor: float) -> float | dict[str, float]:
        if isinstance(self.energy, dict):
            return {name: scaled_energy(energy, factor) for name, energy in self.energy.items()}
        return scaled_energy(self.energy, factor)

    def _layers(self, model: keras.Model) -> list[str]:
        consumers = find_consumers(trace(model)).default_names
        chosen = [
            name
            for name in consumers
            if any(names(pattern, name) for pattern in self.layers)
            and not any(names(pattern, name) for pattern in self.exclude)
        ]
        if not chosen:
            raise InvalidArgumentError(
                "The stage 'winners' has no layer to work on.",
                expected=f"`layers` and `exclude` that leave some of {', '.join(consumers) or '(none can)'}",
                received=f"layers {self.layers}, exclude {self.exclude}",
            )
        return chosen

    def _measured(self, model: keras.Model, proposal: Proposal, context: StageContext) -> Round:
        accuracy = context.evaluate(model)
        counted = profile(model, context.data.calibration(PROFILED_SAMPLES), batch_size=PROFILE_BATCH)
        pruned = pruned_activations(model)
        return Round(
            **proposal._asdict(),
            accuracy=accuracy,
            passed=context.within(accuracy, self.accuracy_budget),
            macs=counted.macs,
            macs_after_wta=counted.macs_after_wta,
            effective_macs=counted.effective_macs,
            # Of single elements, what is saved is what zeros save.
            macs_left=counted.macs_after_wta if self.mask == "winners" else counted.effective_macs,
            pruned_feature_maps=pruned.feature_maps,
            pruned_fc_activations=pruned.fc_activations,
        )
