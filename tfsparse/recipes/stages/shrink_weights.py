# SPDX-License-Identifier: Apache-2.0
"""A penalty on weights that makes many of them small, so that pruning costs less."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import keras
from pydantic import Field

from tfsparse.pruning import regularized_weights
from tfsparse.pruning.kernels import select_kernels
from tfsparse.training.settings import Finetuning, Settings

if TYPE_CHECKING:
    from tfsparse.recipes.context import StageContext


class ShrinkWeightsStage(Settings):
    """Trains with an l1 penalty on the weights of convolutions and dense layers."""

    stage: Literal["shrink_weights"] = Field(default="shrink_weights", description="Which stage it is.")
    l1: float = Field(default=1e-5, gt=0, allow_inf_nan=False, description="Weight of the penalty.")
    exclude: list[str] = Field(default=[], description="Names or shell patterns of layers to leave alone.")
    finetune: Finetuning = Field(default=Finetuning(), description="The training meanwhile.")

    def check(self, model: keras.Model) -> None:
        """Refuses names of layers that the model does not have."""
        select_kernels(model, self.exclude)

    def run(self, context: StageContext) -> keras.Model:
        """Trains the model of the context with the penalty, which is gone afterwards."""
        with regularized_weights(context.model, keras.regularizers.L1(self.l1), exclude=self.exclude):
            model, _ = context.fit(context.model, self.finetune)
        return model
