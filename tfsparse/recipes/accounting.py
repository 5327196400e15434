# SPDX-License-Identifier: Apache-2.0
"""The account of a model after a stage: accuracy, multiplications and zeros."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np

from tfsparse.analysis.models import named_layers
from tfsparse.analysis.profile import Profile, profile
from tfsparse.analysis.pruned import pruned_activations
from tfsparse.layers import FATReLU

if TYPE_CHECKING:
    from tfsparse.recipes.context import StageContext

PROFILE_BATCH = 100


@dataclass(frozen=True)
class StageResult:
    """One row of the final table.

    Args:
        stage: Name of the stage.
        accuracy_val: Accuracy on the validation samples, on which choices were made, 0 to 1.
        accuracy_test: Accuracy on the test samples.
        macs: Multiply-accumulates per sample of the dense network.
        macs_after_wta: Those with winners.
        effective_macs: Those of a non-zero activation with a non-zero weight.
        weight_zeros: Share of zeros in matrices and kernels.
        activation_zeros: Share of zeros in what the activation functions put out, before masks.
        pruned_feature_maps: Share of the masked feature maps that do not win; `None` where none is masked.
        pruned_fc_activations: Likewise of activations between fully connected layers.
        seconds: Time that its epochs took, those before an interruption included.
        shortcomings: What it was asked for and did not reach.
    """

    stage: str
    accuracy_val: float
    accuracy_test: float
    macs: int
    macs_after_wta: int
    effective_macs: float
    weight_zeros: float
    activation_zeros: float
    pruned_feature_maps: float | None
    pruned_fc_activations: float | None
    seconds: float
    shortcomings: tuple[str, ...] = ()


def account(stage: str, model: keras.Model, x: np.ndarray, context: StageContext) -> StageResult:
    """Measures a model, and records its layers with multiply-accumulates as a fact of the stage.

    Args:
        stage: Name of the stage that made it.
        model: The model.
        x: Test samples to count on.
        context: What the stage worked with.
    """
    counted = profile(model, x, batch_size=PROFILE_BATCH)
    counting = [asdict(row) for row in counted.layers if row.macs]
    context.record("profile", {"samples": counted.samples, "layers": counting})
    pruned = pruned_activations(model)
    return StageResult(
        stage=stage,
        accuracy_val=context.evaluate(model, "val"),
        accuracy_test=context.evaluate(model, "test"),
        macs=counted.macs,
        macs_after_wta=counted.macs_after_wta,
        effective_macs=counted.effective_macs,
        weight_zeros=counted.weight_sparsity,
        activation_zeros=activation_zeros(model, counted),
        pruned_feature_maps=pruned.feature_maps,
        pruned_fc_activations=pruned.fc_activations,
        seconds=sum(row["seconds"] for row in context.history),
        shortcomings=tuple(context.shortcomings),
    )


def activation_zeros(model: keras.Model, counted: Profile) -> float:
    """Share of zeros in the outputs of all activation functions but the last layer's, from a profile of the model.

    Args:
        model: The model.
        counted: Its profile.
    """
    layers = named_layers(model)
    zeros = total = 0.0
    for row in counted.layers[:-1]:
        if _activates(layers[row.name]):
            size = math.prod(row.output_shape) * row.calls
            zeros += row.output_sparsity * size
            total += size
    return zeros / total if total else 0.0


def _activates(layer: keras.Layer) -> bool:
    own = getattr(layer, "activation", None) not in (None, keras.activations.linear)
    return own or isinstance(layer, (keras.layers.ReLU, keras.layers.LeakyReLU, FATReLU))
