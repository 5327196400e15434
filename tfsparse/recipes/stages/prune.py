# SPDX-License-Identifier: Apache-2.0
"""Magnitude pruning of weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tfsparse.callbacks import MagnitudePruning
from tfsparse.pruning.kernels import select_kernels
from tfsparse.schedules import ConstantSparsity, PolynomialDecay
from tfsparse.training.settings import Finetuning, Settings, Share

if TYPE_CHECKING:
    import keras

    from tfsparse.recipes.context import StageContext
    from tfsparse.schedules.protocol import Schedule


class PruneStage(Settings):
    """Sets the smallest weights to zero while the network is finetuned; they stay zero in all later stages."""

    stage: Literal["prune"] = Field(default="prune", description="Which stage it is.")
    sparsity: Share | dict[str, Share] = Field(
        default=0.6,
        description="Share of zeros, or one by layer name or shell pattern; then other layers are left alone.",
    )
    schedule: Literal["polynomial", "constant"] = Field(
        default="polynomial", description="Whether the share rises step by step or is there at once."
    )
    pruning_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        description="Share of the finetuning in which a polynomial schedule rises; the rest heals.",
    )
    scope: Literal["layer", "global"] = Field(
        default="layer", description="Whether each layer gets the share, or those of one pattern get it together."
    )
    exclude: list[str] = Field(default=[], description="Names or shell patterns of layers to leave alone.")
    finetune: Finetuning = Field(default=Finetuning(), description="The training meanwhile.")

    def check(self, model: keras.Model) -> None:
        """Refuses names of layers that the model does not have."""
        select_kernels(model, [*(self.sparsity if isinstance(self.sparsity, dict) else ()), *self.exclude])

    def run(self, context: StageContext) -> keras.Model:
        """Prunes and finetunes the model of the context."""
        steps = self.finetune.epochs * len(context.data.training(self.finetune.batch_size))
        pruning = MagnitudePruning(self._schedules(steps), exclude=self.exclude, scope=self.scope)
        model, _ = context.fit(context.model, self.finetune, [pruning])
        return model

    def _schedules(self, steps: int) -> Schedule | dict[str, Schedule]:
        if isinstance(self.sparsity, dict):
            return {pattern: self._schedule(share, steps) for pattern, share in self.sparsity.items()}
        return self._schedule(self.sparsity, steps)

    def _schedule(self, share: float, steps: int) -> Schedule:
        if self.schedule == "constant":
            return ConstantSparsity(share, begin_step=0, end_step=0)
        return PolynomialDecay(0.0, share, begin_step=0, end_step=max(1, round(self.pruning_share * steps)))
