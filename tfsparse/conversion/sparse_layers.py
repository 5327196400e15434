# SPDX-License-Identifier: Apache-2.0
"""The layers of a Keras model that are made to put out zeros."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras


def sparse_layers(model: keras.Model) -> frozenset[str]:
    """Names of the layers whose activations are trained, or forced, to be zero here and there.

    These are `FATReLU` and `SampledWTADropout` layers, and layers whose `activity_regularizer` is
    `TransformedL1`, `HoyerSquare` or l1.

    Args:
        model: Any Keras 3 model.
    """
    from tfsparse.analysis.models import named_layers

    return frozenset(path for path, layer in named_layers(model).items() if _makes_zeros(layer))


def _makes_zeros(layer: keras.Layer) -> bool:
    from keras import regularizers

    from tfsparse.layers import FATReLU, SampledWTADropout
    from tfsparse.regularizers import HoyerSquare, TransformedL1

    regularizer = getattr(layer, "activity_regularizer", None)
    if isinstance(regularizer, regularizers.L1L2):
        return float(regularizer.l1) > 0.0
    return isinstance(layer, FATReLU | SampledWTADropout) or isinstance(
        regularizer, (TransformedL1, HoyerSquare, regularizers.L1)
    )
