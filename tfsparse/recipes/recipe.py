# SPDX-License-Identifier: Apache-2.0
"""A recipe: which stages make a network sparse, one after the other, and with what settings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tfsparse.recipes.stages import ActivationsStage, DenseStage, PruneStage, ShrinkWeightsStage, WinnersStage
from tfsparse.training.settings import Settings

AnyStage = Annotated[
    DenseStage | WinnersStage | ShrinkWeightsStage | PruneStage | ActivationsStage, Field(discriminator="stage")
]
"""Any of the stages; the key `stage` says which."""


class AugmentationSettings(Settings):
    """Random changes of the training images."""

    crop: int | None = Field(
        default=None,
        ge=1,
        description="Side of a random window, which is also the network's input; null: the whole image.",
    )
    pad: int = Field(default=0, ge=0, description="Zeros added on each side before the window is cut, in pixels.")
    flip: bool = Field(default=False, description="Whether half of the images are mirrored.")


class DataSettings(Settings):
    """How the data is used."""

    validation_share: Annotated[float, Field(gt=0, lt=1)] = Field(
        default=0.1, description="Share of the training samples that is set aside; all choices are made on it."
    )
    augmentation: AugmentationSettings = Field(
        default=AugmentationSettings(), description="Random changes of the training images."
    )


class Recipe(Settings):
    """All that decides what a run does, except the data themselves."""

    name: str = Field(pattern=r"^[A-Za-z0-9_.-]+$", description="What to call it.")
    model: str | None = Field(default=None, description="Network of `tfsparse.models`; null where a model is given.")
    model_options: dict[str, float | int | str] = Field(
        default={}, description="Options of the network, such as `width`."
    )
    seed: int = Field(default=0, ge=0, description="Seed of weights, order, augmentation and validation split.")
    precision: Literal["float32", "mixed_float16", "mixed_bfloat16"] = Field(
        default="float32", description="Type that layers compute in."
    )
    data: DataSettings = Field(default=DataSettings(), description="How the data is used.")
    profiled_samples: int = Field(
        default=1000, ge=1, description="Test samples on which multiplications and zeros are counted."
    )
    stages: list[AnyStage] = Field(min_length=1, description="What is done, in this order.")
