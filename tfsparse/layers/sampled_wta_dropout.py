# SPDX-License-Identifier: Apache-2.0
"""Winners-take-all dropout of single elements by a threshold that a subsample predicts."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from tfsparse.errors import InvalidArgumentError
from tfsparse.layers.wta_dropout import WTADropout

_SEED = 20191


@keras.saving.register_keras_serializable(package="tfsparse")
class SampledWTADropout(WTADropout):
    """Keeps about the strongest share of all elements of each sample, by a threshold predicted from some of them:

        y[i] = x[i] if |x[i]| >= t else 0

    Of the n elements of a sample, m are looked at, in places that are fixed and spread evenly at random; t lies
    between two neighbours in their order, so that `winner_rate` of the n are expected at or above it. The share that
    is kept varies around the rate by about `sqrt(rate * (1 - rate) / m)`: 1.5 % for m = 1024 and a rate of 0.5. With
    m = n it is exact but for ties: equal magnitudes win together. Where fewer than the rate are not zero, as after
    many a ReLU, all of these are kept.

    Ranking m numbers instead of n is what makes masks of single elements cheap in feature maps; elements are ranked by
    magnitude, so leaky ReLU, tanh, swish and GELU get zeros too, where they make none. A NaN is never hidden.
    *Training*: gradients flow through what is kept; the threshold is not differentiated. *Inference*: the same.
    *On device*: made of builtin operators (gather, top-k, comparison, selection); zeros are skipped by the convolution
    or dense layer behind it, see the `skip_zeros` option of `ts.convert`.

    Args:
        winner_rate: Share of elements to keep, in (0, 1]. 1 keeps everything. Settable later.
        samples: m, how many elements of a sample are looked at, 2 or more; all, if it has no more than that.
        **kwargs: What every Keras layer takes: `name`, `dtype`, ...

    Input shape:
        `(batch, ...)`, every axis but the batch of a known size.

    Output shape:
        As the input.

    Raises:
        InvalidArgumentError: An argument is not in its range, or the input has an axis of unknown size.

    Example:

    >>> layer = SampledWTADropout(winner_rate=0.5)
    >>> ops.convert_to_numpy(layer(np.array([[3.0, -4.0, 1.0, 0.5]]))).tolist()
    [[3.0, -4.0, 0.0, 0.0]]

    Reference:
        "Joint Regularization on Activations and Weights for Efficient Neural Network Pruning" (JPnet), 2019. Only its
        abstract was at hand: that thresholds are predicted from a subsample is a recollection of the full text, and how
        they are predicted here is our own choice.
    """

    def __init__(self, winner_rate: float = 0.5, samples: int = 1024, **kwargs: Any) -> None:
        super().__init__(winner_rate, unit="neuron", **kwargs)
        if not isinstance(samples, int) or samples < 2:
            raise InvalidArgumentError("Invalid `samples`.", expected="an integer, 2 or more", received=samples)
        self.samples = samples

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        looked_at = min(self.samples, self._units)
        # One place at random in each of m equal parts: no row or channel is looked at twice as often as another.
        places = (np.arange(looked_at) + np.random.default_rng(_SEED).random(looked_at)) * (self._units / looked_at)
        self._places = np.minimum(places.astype("int32"), self._units - 1)

    def call(self, inputs: Any) -> Any:
        magnitudes = ops.abs(ops.stop_gradient(inputs))
        threshold = self._predicted_threshold(ops.reshape(magnitudes, (-1, self._units)))
        threshold = ops.reshape(threshold, (-1, *(1,) * (len(inputs.shape) - 1)))
        return ops.where(magnitudes < threshold, ops.cast(0, inputs.dtype), inputs)

    def thresholds(self, inputs: Any) -> Any:
        """The threshold t of each sample of `inputs`, `(batch,)`."""
        magnitudes = ops.abs(ops.convert_to_tensor(inputs))
        return ops.reshape(self._predicted_threshold(ops.reshape(magnitudes, (-1, self._units))), (-1,))

    def _predicted_threshold(self, magnitudes: Any) -> Any:
        looked_at = len(self._places)
        if looked_at < self._units:
            magnitudes = ops.take(magnitudes, self._places, axis=1)
        ordered, _ = ops.top_k(magnitudes, looked_at)
        # The j-th largest of m has rank j * (n + 1) / (m + 1) among all n on average; between ranks it is interpolated.
        winners = ops.cast(self._winners, "float32")
        position = winners * ((looked_at + 1) / (self._units + 1)) if looked_at < self._units else winners
        upper = ops.clip(ops.floor(position), 1, looked_at)
        share = ops.clip(position - upper, 0.0, 1.0)
        first = ops.take(ordered, ops.cast(upper, "int32") - 1, axis=1)
        second = ops.take(ordered, ops.cast(ops.minimum(upper, looked_at - 1), "int32"), axis=1)
        share = ops.cast(share, ordered.dtype)
        threshold = first + (second - first) * share
        everything = self._winners >= self._units
        return ops.where(everything, ops.zeros_like(threshold), threshold)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        for name in ("score", "unit"):
            del config[name]
        return {**config, "samples": self.samples}
