# SPDX-License-Identifier: Apache-2.0
"""A penalty on weights that makes many of them small, so that pruning costs less."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import keras
from pydantic import Field

from tfsparse.pruning import prunable_kernels
from tfsparse.training.settings import Finetuning, Settings

if TYPE_CHECKING:
    from tfsparse.recipes.context import StageContext


class ShrinkWeightsStage(Settings):
    """Trains with an l1 penalty on the weights of convolutions and dense layers."""

    stage: Literal["shrink_weights"] = Field(default="shrink_weights", description="Which stage it is.")
    l1: float = Field(default=1e-5, gt=0, allow_inf_nan=False, description="Weight of the penalty.")
    finetune: Finetuning = Field(default=Finetuning(), description="The training meanwhile.")

    def run(self, context: StageContext) -> keras.Model:
        """Trains the model of the context with the penalty, which is gone afterwards."""
        with kernels_penalized(context.model, keras.regularizers.L1(self.l1)):
            model, _ = context.fit(context.model, self.finetune)
        return model


@contextlib.contextmanager
def kernels_penalized(model: keras.Model, penalty: keras.regularizers.Regularizer) -> Iterator[None]:
    """Adds a penalty on all kernels that can be pruned to the loss of what is trained inside the `with` block.

    Args:
        model: A built model.
        penalty: The penalty; layers that have one of their own keep it beside this one.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    >>> with kernels_penalized(model, keras.regularizers.L1(0.5)):
    ...     float(model.losses[0])
    1.0
    >>> model.losses
    []
    """
    kernels = list(prunable_kernels(model).values())
    own = [kernel.regularizer for kernel in kernels]
    try:
        for kernel, before in zip(kernels, own, strict=True):
            kernel.regularizer = penalty if before is None else _Sum(before, penalty)
        yield
    finally:
        for kernel, before in zip(kernels, own, strict=True):
            kernel.regularizer = before


class _Sum(keras.regularizers.Regularizer):
    def __init__(self, *penalties: keras.regularizers.Regularizer) -> None:
        self._penalties = penalties

    def __call__(self, x: object) -> object:
        return sum(penalty(x) for penalty in self._penalties)
