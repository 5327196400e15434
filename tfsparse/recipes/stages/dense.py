# SPDX-License-Identifier: Apache-2.0
"""Training as usual."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from tfsparse.training.settings import Training

if TYPE_CHECKING:
    import keras

    from tfsparse.recipes.context import StageContext


class DenseStage(Training):
    """Trains the network as usual. What earlier stages made is kept: pruned weights stay zero, masks stay in place."""

    stage: Literal["dense"] = Field(default="dense", description="Which stage it is.")

    def check(self, model: keras.Model) -> None:
        """Nothing of it depends on the model."""

    def run(self, context: StageContext) -> keras.Model:
        """Trains the model of the context."""
        model, _ = context.fit(context.model, self)
        return model
