# SPDX-License-Identifier: Apache-2.0
"""Forced-activation-threshold ReLU."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from tfsparse.errors import InvalidArgumentError


@keras.saving.register_keras_serializable(package="tfsparse")
class FATReLU(keras.layers.Layer):
    """ReLU that also forces small positive activations to zero:

        y = x if x > threshold else 0

    A higher threshold makes more zeros; a threshold of 0 is ReLU. The gradient is 1 where x passes and 0 elsewhere.
    *Training*, *inference*: the same. *On device*: made of comparison and selection, which every runtime has.

    Args:
        threshold: Non-negative finite number, in the unit of the activations.
        **kwargs: What every Keras layer takes: `name`, `dtype`, ...

    Input shape:
        Any.

    Output shape:
        As the input.

    Raises:
        InvalidArgumentError: `threshold` is negative, not finite, or no number.

    Example:

    >>> layer = FATReLU(threshold=0.5)
    >>> ops.convert_to_numpy(layer(ops.convert_to_tensor([-1.0, 0.25, 0.5, 2.0]))).tolist()
    [0.0, 0.0, 0.0, 2.0]

    Reference:
        Kurtz, Mark, et al., "Inducing and Exploiting Activation Sparsity for Fast Inference on Deep Neural Networks",
        ICML 2020, section 3.
    """

    def __init__(self, threshold: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        try:
            self.threshold = float(threshold)
        except (TypeError, ValueError):
            self.threshold = math.nan
        if not 0.0 <= self.threshold < math.inf:
            raise InvalidArgumentError(
                "Invalid `threshold`.", expected="a finite number, 0 or more", received=threshold
            )
        self.supports_masking = True
        self.built = True

    def call(self, inputs: Any) -> Any:
        return ops.where(inputs > self.threshold, inputs, ops.cast(0, inputs.dtype))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "threshold": self.threshold}
