# SPDX-License-Identifier: Apache-2.0
"""Zeros in activation maps: by a penalty on activations, by thresholds in ReLUs, or by both."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import keras
from pydantic import Field, model_validator

from tfsparse.analysis.models import named_layers
from tfsparse.analysis.profile import profile
from tfsparse.callbacks import ActivationRegularization, AdaptiveActivationRegularization, ThresholdScheduler
from tfsparse.layers import FATReLU
from tfsparse.recipes.accounting import PROFILE_BATCH, activation_zeros
from tfsparse.recipes.rounds import PenaltyRound, Rounds
from tfsparse.regularizers import HoyerSquare, NearZeroL1, TransformedL1
from tfsparse.surgery.copying import copy_model
from tfsparse.surgery.relus import fatrelu_paths, replace_relus
from tfsparse.surgery.thresholds import quantile_thresholds, search_thresholds
from tfsparse.training.settings import Finetuning, NonNegative, Settings, Share

if TYPE_CHECKING:
    from tfsparse.recipes.context import StageContext

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Regularizer(Settings):
    """A penalty on what activation functions return."""

    name: Literal["tl1", "l1", "hoyer", "near_zero_l1"] = Field(
        default="tl1", description="Transformed l1, l1, square Hoyer, or l1 of values up to `limit` alone."
    )
    l: Positive | list[Positive] = Field(  # noqa: E741
        default=1e-5, description="Weight of the penalty; or several, which are all tried."
    )
    beta: Positive | list[Positive] = Field(
        default=1.0, description="Where transformed l1 lies between l0 (0) and l1 (infinity); or several."
    )
    limit: Positive = Field(default=0.5, description="Largest magnitude that `near_zero_l1` penalizes.")

    def grid(self) -> Iterator[tuple[float, float]]:
        """All pairs of weight and beta."""
        weights = self.l if isinstance(self.l, list) else [self.l]
        betas = self.beta if isinstance(self.beta, list) else [self.beta]
        return itertools.product(weights, betas if self.name == "tl1" else betas[:1])

    def build(self, weight: float, beta: float) -> keras.regularizers.Regularizer:
        """The regularizer of one pair."""
        if self.name == "tl1":
            return TransformedL1(weight, beta)
        if self.name == "near_zero_l1":
            return NearZeroL1(weight, self.limit)
        return HoyerSquare(weight) if self.name == "hoyer" else keras.regularizers.L1(weight)


class Adaptive(Settings):
    """How the weight of the penalty follows accuracy and zeros, layer by layer, while the network trains."""

    growth: float = Field(default=1.5, gt=1, description="Factor on the densest layer's weight after a good epoch.")
    shrink: float = Field(default=0.5, gt=0, lt=1, description="Factor on all weights after one beyond the budget.")


class ActivationsStage(Settings):
    """Makes zeros in activation maps.

    First `smallest` puts thresholds into ReLUs, then the network is finetuned, with the penalty and with rising
    thresholds, then `search_thresholds` finds higher ones. Each of the three can be left out. Where the regularizer has
    several weights, each is tried from the same start, and of those within the accuracy budget the one of the fewest
    multiplications of non-zero pairs is taken.
    """

    stage: Literal["activations"] = Field(default="activations", description="Which stage it is.")
    regularizer: Regularizer | None = Field(default=None, description="Penalty on activations; null: none.")
    adaptive: Adaptive | None = Field(default=None, description="Lets the penalty's weights adapt; null: they stay.")
    smallest: Share | None = Field(
        default=None, description="Share of what each ReLU returns that thresholds set to zero; null: no thresholds."
    )
    search_thresholds: bool = Field(
        default=False, description="Whether the highest thresholds within the budget are searched after finetuning."
    )
    layers: list[str] | None = Field(
        default=None, description="Names or shell patterns of the layers in question; null: all that end in a ReLU."
    )
    accuracy_budget: NonNegative = Field(
        default=0.005, description="Validation accuracy that may be lost, beside the dense network."
    )
    calibration_samples: int = Field(default=500, ge=1, description="Training samples on which zeros are counted.")
    finetune: Finetuning | None = Field(default=Finetuning(), description="The training; null: none.")

    @model_validator(mode="after")
    def _does_something(self) -> ActivationsStage:
        if self.regularizer is None and self.smallest is None and not self.search_thresholds:
            raise ValueError("give a regularizer, smallest, or search_thresholds")
        if self.regularizer is not None and self.finetune is None:
            raise ValueError("a regularizer needs finetune")
        if self.adaptive is not None and self.regularizer is None:
            raise ValueError("adaptive needs a regularizer")
        return self

    def check(self, model: keras.Model) -> None:
        """Nothing can be said yet: layers may be named that earlier stages put in."""

    def run(self, context: StageContext) -> keras.Model:
        """Makes zeros in the activation maps of the model of the context."""
        model, layers = context.model, self.layers
        if self.smallest is not None:
            x = context.data.calibration(self.calibration_samples)
            thresholds = quantile_thresholds(model, x, self.smallest, layers=self.layers)
            context.record("thresholds", thresholds)
            model = replace_relus(model, thresholds)
            # What the ReLUs returned is now what the thresholds return.
            layers = list(fatrelu_paths(model, thresholds).values())
        if self.finetune is not None:
            model = self._finetuned(model, layers, self.finetune, context)
        if self.search_thresholds:
            model = self._with_thresholds(model, layers, context)
        return model

    def _finetuned(
        self, start: keras.Model, layers: list[str] | None, training: Finetuning, context: StageContext
    ) -> keras.Model:
        rounds: Rounds[PenaltyRound] = Rounds(context, self.accuracy_budget, start)
        for pair in self.regularizer.grid() if self.regularizer else [None]:
            callbacks = self._regularization(pair, layers, context)
            if self.smallest is not None:
                callbacks += _rising(start, training.epochs)
            leg = "training" if pair is None else rounds.next_leg
            model, _ = context.fit(copy_model(start), training, callbacks, leg=leg)
            rounds.add(self._measured(model, pair, context), model)
        rounds.record()
        return rounds.best_model

    def _regularization(
        self, pair: tuple[float, float] | None, layers: list[str] | None, context: StageContext
    ) -> list[keras.callbacks.Callback]:
        if self.regularizer is None or pair is None:
            return []
        penalty = self.regularizer.build(*pair)
        if self.adaptive is None:
            return [ActivationRegularization(penalty, layers)]
        target = context.baseline - self.accuracy_budget
        return [
            AdaptiveActivationRegularization(
                penalty, target, layers=layers, growth=self.adaptive.growth, shrink=self.adaptive.shrink
            )
        ]

    def _measured(self, model: keras.Model, pair: tuple[float, float] | None, context: StageContext) -> PenaltyRound:
        accuracy = context.evaluate(model)
        counted = profile(model, context.data.calibration(self.calibration_samples), batch_size=PROFILE_BATCH)
        return PenaltyRound(
            l=pair[0] if pair else None,
            beta=pair[1] if pair else None,
            accuracy=accuracy,
            passed=context.within(accuracy, self.accuracy_budget),
            macs=counted.macs,
            effective_macs=counted.effective_macs,
            activation_zeros=activation_zeros(model, counted),
        )

    def _with_thresholds(self, model: keras.Model, layers: list[str] | None, context: StageContext) -> keras.Model:
        x, y = context.data.validation()
        left = max(0.0, self.accuracy_budget - (context.baseline - context.evaluate(model)))
        found = search_thresholds(model, x, y, min(1.0, left), layers=layers)
        context.record("searched_thresholds", found.thresholds)
        return replace_relus(model, found.thresholds)


def _rising(model: keras.Model, epochs: int) -> list[keras.callbacks.Callback]:
    """Lets the thresholds of a model grow over the first half of the epochs."""
    thresholds = {path: layer.threshold for path, layer in named_layers(model).items() if isinstance(layer, FATReLU)}
    return [ThresholdScheduler(thresholds, epochs=max(1, epochs // 2))]
