# SPDX-License-Identifier: Apache-2.0
"""Forced-activation-threshold ReLU."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from tfsparse.errors import InvalidArgumentError
from tfsparse.layers.outside_traces import read_outside_traces


@keras.saving.register_keras_serializable(package="tfsparse")
class FATReLU(keras.layers.Layer):
    """ReLU that also forces small positive activations to zero:

        y = 0 if x <= threshold else x

    A higher threshold makes more zeros; a threshold of 0 is ReLU. The gradient is 1 where x passes and 0 elsewhere. A
    NaN passes: it is never hidden.
    *Training*, *inference*: the same. *On device*: made of comparison and selection, which every runtime has. There is
    nothing to learn here; the threshold is held in one non-trainable weight, so that it can change without a new trace.

    Args:
        threshold: Non-negative finite number, in the unit of the activations. Settable later: `layer.threshold = 0.3`.
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
        self._threshold = _checked(threshold)
        self.supports_masking = True

    @property
    def threshold(self) -> float:
        """The threshold; setting it takes effect with the next batch, without a new trace.

        While `fit` runs on JAX, the weights are in the model only after a callback asked for its `self.model`.
        """
        if self.built:
            held = float(read_outside_traces(self._held))
            if held != np.float32(self._threshold):  # the weight was set, not the threshold
                self._threshold = held
        return self._threshold

    @threshold.setter
    def threshold(self, threshold: float) -> None:
        self._threshold = _checked(threshold)
        if self.built:
            self._held.assign(self._threshold)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._held = self.add_weight(
            name="threshold",
            shape=(),
            dtype="float32",
            autocast=False,
            trainable=False,
            initializer=keras.initializers.Constant(self._threshold),
        )

    def call(self, inputs: Any) -> Any:
        threshold = ops.cast(self._held, inputs.dtype)
        return ops.where(inputs <= threshold, ops.cast(0, inputs.dtype), inputs)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def save_own_variables(self, store: Any) -> None:
        store["threshold"] = np.asarray(self.threshold)

    def load_own_variables(self, store: Any) -> None:
        if "threshold" in store:  # files of earlier versions have it in the configuration alone
            self.threshold = float(np.asarray(store["threshold"]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "threshold": self.threshold}


def _checked(threshold: Any) -> float:
    try:
        number = float(threshold)
    except (TypeError, ValueError):
        number = math.nan
    if not 0.0 <= number < math.inf:
        raise InvalidArgumentError("Invalid `threshold`.", expected="a finite number, 0 or more", received=threshold)
    return number
