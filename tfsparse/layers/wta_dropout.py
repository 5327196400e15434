# SPDX-License-Identifier: Apache-2.0
"""Winners-take-all dropout."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from tfsparse.errors import InvalidArgumentError
from tfsparse.layers.export_hook import WinnerSpec, winner_lowering
from tfsparse.layers.outside_traces import read_outside_traces
from tfsparse.layers.winner_mask import winner_mask
from tfsparse.winners import check_winner_rate, winner_count

SCORES = ("max", "mean")
UNITS = ("channel", "neuron")


@keras.saving.register_keras_serializable(package="tfsparse")
class WTADropout(keras.layers.Layer):
    """Keeps the strongest channels or neurons of each sample and sets the others to zero.

    Of the n channels (feature maps) or neurons (dense layers) of a sample, exactly
    `k = max(1, floor(winner_rate * n + 0.5))` win. They pass unchanged, the losers become 0:

        y[i] = x[i] if i in S else 0,   S = the k units with the highest score, ties to the lower index

    A neuron's score is its magnitude |x|; a channel's is the maximum or the mean of |x| over its map, so activation
    functions that go negative work too. A NaN score ranks above every number: a NaN is never hidden.

    *Training*: gradients flow through the winners alone; the ranking is not differentiated. *Inference*: the same, by
    design: a network is finetuned with the masks that it will run with. *On device*: the converted operator computes
    only with the winners, so a convolution or dense layer right behind this one does `k / n` of its work.
    There is nothing to learn here; the number of winners is held in one non-trainable integer weight, so that the
    rate can change during training without a new trace, and so that it is saved with the weights.

    Args:
        winner_rate: Share of winners, in (0, 1]. 1 keeps everything. Settable later: `layer.winner_rate = 0.3`.
        score: `"max"` or `"mean"`: how a channel is scored over its map. Neurons have only their magnitude.
        unit: `"channel"` (the last axis), `"neuron"` (every element of the sample), or `None`: channels for inputs of
            rank 4 and 5, neurons for rank 2.
        **kwargs: What every Keras layer takes: `name`, `dtype`, ...

    Input shape:
        `(batch, ..., channels)`, channels last. With neurons, every axis but the batch must have a known size.

    Output shape:
        As the input.

    Raises:
        InvalidArgumentError: An argument is not in its range, or `unit` is needed and not given.

    Example:

    >>> layer = WTADropout(winner_rate=0.5)
    >>> ops.convert_to_numpy(layer(np.array([[3.0, -4.0, 1.0, 0.0]]))).tolist()
    [[3.0, -4.0, 0.0, 0.0]]

    Reference:
        Yang, Qing, et al., "DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement", 2019,
        eq. 1 (winner rate), 3 and 4 (channel scores).
    """

    def __init__(self, winner_rate: float = 0.5, score: str = "max", unit: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if score not in SCORES:
            raise InvalidArgumentError("Unknown `score`.", expected="'max' or 'mean'", received=score)
        if unit is not None and unit not in UNITS:
            raise InvalidArgumentError("Unknown `unit`.", expected="'channel', 'neuron' or None", received=unit)
        self._winner_rate = check_winner_rate(winner_rate)
        self.score = score
        self.unit = unit
        self.supports_masking = True
        self._units = 0

    @property
    def winner_rate(self) -> float:
        """The share of winners, in (0, 1]; setting it takes effect with the next batch, without a new trace.

        While `fit` runs on JAX, the weights are in the model only after a callback asked for its `self.model`.
        """
        if self.built:
            winners = int(read_outside_traces(self._winners))
            if winners != winner_count(self._winner_rate, self._units):  # the weight was set, not the rate
                self._winner_rate = winners / self._units
        return self._winner_rate

    @winner_rate.setter
    def winner_rate(self, rate: float) -> None:
        self._winner_rate = check_winner_rate(rate)
        if self.built:
            self._winners.assign(winner_count(self._winner_rate, self._units))

    @property
    def winners(self) -> int:
        """The number of winners k of one sample; known once the layer is built."""
        if not self.built:
            raise InvalidArgumentError(
                f"Layer '{self.name}' does not know its number of winners yet.",
                expected="a built layer",
                remedy="Call the layer or its model once, or build it.",
            )
        return winner_count(self.winner_rate, self._units)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        self._unit = self._resolve_unit(len(input_shape))
        self._units = self._count_units(input_shape)
        self._winners = self.add_weight(
            name="winners",
            shape=(),
            dtype="int32",
            trainable=False,
            initializer=keras.initializers.Constant(winner_count(self._winner_rate, self._units)),
        )
        if self._unit == "channel":
            self.input_spec = keras.layers.InputSpec(ndim=len(input_shape), axes={-1: self._units})
        else:
            self.input_spec = keras.layers.InputSpec(shape=(None, *input_shape[1:]))

    def _resolve_unit(self, rank: int) -> str:
        unit = self.unit or {2: "neuron", 4: "channel", 5: "channel"}.get(rank)
        if unit is None or rank < 2:
            raise InvalidArgumentError(
                f"Layer '{self.name}' cannot tell what wins in its input.",
                expected="rank 2, 4 or 5, or a `unit` for inputs of rank 2 and more",
                received=f"rank {rank}",
                remedy="Give unit='channel' or unit='neuron'.",
            )
        if unit == "channel" and rank > 2 and keras.config.image_data_format() == "channels_first":
            raise InvalidArgumentError(
                f"Layer '{self.name}' takes the last axis for the channels.",
                expected="keras.config.image_data_format() == 'channels_last'",
                received="channels_first",
                remedy="Build the model channels last, or give unit='neuron'.",
            )
        return unit

    def _count_units(self, input_shape: tuple[int | None, ...]) -> int:
        counted = input_shape[-1:] if self._unit == "channel" else input_shape[1:]
        known = [size for size in counted if size is not None]
        if len(known) < len(counted):
            raise InvalidArgumentError(
                f"Layer '{self.name}' cannot count its {self._unit}s.",
                expected="known sizes on the axes that they lie on",
                received=f"input shape {tuple(input_shape)}",
                remedy="Give the input a fixed shape, or choose the other unit.",
            )
        return math.prod(known)

    def call(self, inputs: Any) -> Any:
        lowering = winner_lowering()
        if lowering is not None:
            return lowering(inputs, self.spec())
        mask = winner_mask(self._scores(ops.stop_gradient(inputs)), self._winners)
        shape = ops.shape(inputs)
        if self._unit == "channel":
            mask = ops.reshape(mask, (shape[0], *(1,) * (len(shape) - 2), shape[-1]))
        else:
            mask = ops.reshape(mask, shape)
        # Not a product: a NaN or an infinity among the losers has to become 0 too.
        return ops.where(mask, inputs, ops.cast(0, inputs.dtype))

    def _scores(self, x: Any) -> Any:
        magnitude = ops.abs(x)
        if self._unit == "neuron":
            return ops.reshape(magnitude, (-1, self._units))
        axes = tuple(range(1, len(x.shape) - 1))
        if self.score == "max":
            return ops.max(magnitude, axis=axes) if axes else magnitude
        # Many small numbers are added up: half precision would lose them.
        return ops.mean(ops.cast(magnitude, keras.backend.result_type(x.dtype, "float32")), axis=axes)

    def spec(self) -> WinnerSpec:
        """What this layer does, with its numbers fixed; for a converter.

        Raises:
            InvalidArgumentError: The layer is not built.
        """
        return WinnerSpec(self.name, self.winners, self.winner_rate, self.score, self._unit)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        return input_shape

    def save_own_variables(self, store: Any) -> None:
        # The rate, from which the count follows; the count alone would not give back the rate.
        store["winner_rate"] = np.asarray(self.winner_rate)

    def load_own_variables(self, store: Any) -> None:
        self.winner_rate = float(np.asarray(store["winner_rate"]))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "winner_rate": self.winner_rate, "score": self.score, "unit": self.unit}
