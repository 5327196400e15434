# SPDX-License-Identifier: Apache-2.0
"""What can be set of one leg of training, as data."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

Share = Annotated[float, Field(ge=0, lt=1)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Settings(BaseModel):
    """Base of all settings: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class Optimizer(Settings):
    """How weights move."""

    name: Literal["adam", "adamw", "sgd", "rmsprop"] = Field(default="adam", description="The rule.")
    learning_rate: float = Field(
        default=1e-3, gt=0, allow_inf_nan=False, description="Learning rate after the warm-up."
    )
    schedule: Literal["constant", "cosine", "steps"] = Field(
        default="cosine",
        description="How the learning rate falls: not at all, along half a cosine to zero, or at `steps`.",
    )
    steps: list[Annotated[float, Field(gt=0, lt=1)]] = Field(
        default=[0.5, 0.75],
        description="Shares of the training at which the learning rate is multiplied by `step_factor`.",
    )
    step_factor: float = Field(default=0.1, gt=0, lt=1, description="Factor at each of `steps`.")
    warmup_epochs: NonNegative = Field(default=0, description="Epochs over which the learning rate rises from zero.")
    momentum: Share = Field(default=0.9, description="Momentum of `sgd` and `rmsprop`.")
    nesterov: bool = Field(default=True, description="Nesterov's momentum, for `sgd`.")
    weight_decay: NonNegative = Field(
        default=0,
        description="Share of a kernel, times the learning rate, that each step takes off; not of biases and scales.",
    )
    clip_norm: float | None = Field(
        default=None, gt=0, description="Largest norm of all gradients together; null: no limit."
    )
    ema: Share | None = Field(
        default=None, description="Momentum of averaged weights, used in the end; null: no averaging."
    )


class Training(Settings):
    """One leg of training."""

    epochs: int = Field(default=10, ge=1, description="Passes over the training samples.")
    batch_size: int = Field(default=128, ge=1, description="Samples of a step.")
    optimizer: Optimizer = Field(default=Optimizer(), description="How weights move.")

    @model_validator(mode="after")
    def _warmup_fits(self) -> Training:
        if self.optimizer.warmup_epochs >= self.epochs:
            raise ValueError(f"optimizer.warmup_epochs has to be below epochs, {self.epochs}")
        return self


class Distillation(Settings):
    """How closely a network follows the dense one that it was made of."""

    weight: NonNegative = Field(
        default=1.0, description="How much following the dense network counts beside the labels."
    )
    temperature: float = Field(
        default=2.0, gt=0, allow_inf_nan=False, description="What logits are divided by before they are compared."
    )


class Finetuning(Training):
    """One leg of training of a network that is made sparse."""

    distill: Distillation | None = Field(
        default=None, description="Follow the dense network, which answers beside the labels; null: labels alone."
    )
