# SPDX-License-Identifier: Apache-2.0
"""What layers do to channels that are zero: which ones keep them zero, and which ones do not even move them."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfsparse.layers import FATReLU

_IDENTITY_AT_INFERENCE = (
    layers.Identity,
    layers.Dropout,
    layers.SpatialDropout1D,
    layers.SpatialDropout2D,
    layers.SpatialDropout3D,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.AlphaDropout,
    layers.ActivityRegularization,
)

_SPATIAL = tuple(
    getattr(layers, f"{kind}{rank}D")
    for kind in ("MaxPooling", "AveragePooling", "GlobalMaxPooling", "GlobalAveragePooling", "ZeroPadding", "Cropping",
                 "UpSampling")
    for rank in (1, 2, 3)
)  # fmt: skip

_ZERO_AT_ZERO = (layers.LeakyReLU, layers.PReLU, layers.ELU, FATReLU)

_FUNCTIONS_ZERO_AT_ZERO = frozenset(
    getattr(keras.activations, name)
    for name in ("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "tanh",
                 "hard_tanh", "hard_silu", "softsign", "tanh_shrink", "hard_shrink", "soft_shrink")
    if hasattr(keras.activations, name)
)  # fmt: skip


def is_identity(layer: Any) -> bool:
    """Whether `layer` passes its input on unchanged at inference."""
    return isinstance(layer, _IDENTITY_AT_INFERENCE)


def only_reshapes(layer: Any) -> bool:
    """Whether `layer` passes the values of a channels-last input on in the same order, in another shape."""
    return isinstance(layer, layers.Reshape) or (isinstance(layer, layers.Flatten) and _channels_last(layer))


def keeps_zero_channels(layer: Any) -> bool:
    """Whether a channel (last axis) that is zero all over a sample stays zero, and stays in its place.

    `Flatten` and `Reshape` count, although they move channels: see `only_reshapes`.
    """
    if is_identity(layer) or only_reshapes(layer):
        return True
    if isinstance(layer, _SPATIAL):
        return _channels_last(layer)
    if isinstance(layer, layers.ReLU):
        return layer.threshold == 0 or layer.negative_slope == 0
    if isinstance(layer, layers.Activation):
        return layer.activation in _FUNCTIONS_ZERO_AT_ZERO
    return isinstance(layer, _ZERO_AT_ZERO)


def _channels_last(layer: keras.Layer) -> bool:
    return getattr(layer, "data_format", "channels_last") == "channels_last"
