# SPDX-License-Identifier: Apache-2.0
"""Thresholds that change during training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from tfsparse.analysis.models import named_layers
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import FATReLU
from tfsparse.pruning.kernels import names


class ThresholdScheduler(keras.callbacks.Callback):
    """Raises the thresholds of `FATReLU` layers linearly over the first epochs, and writes them into the logs.

    A network that is to run with high thresholds learns more easily if they grow while it trains. Epoch e of `epochs`
    trains with the share (e + 1) / epochs of the thresholds, and all later ones with the thresholds themselves. The
    compiled training step is not traced again. The logs of an epoch get `threshold/<layer>`. Training that goes on
    from a checkpoint with `initial_epoch` goes on in mid-schedule.

    Args:
        thresholds: Final threshold, 0 or more, by the path of the layer, or by a shell pattern (`"relu*"`) of which a
            layer follows the first that names it; or one number for all.
        epochs: Number of epochs until the thresholds are reached, 1 or more.

    Raises:
        InvalidArgumentError: An argument is out of its range, a name fits no `FATReLU` layer, or the model has none.

    Example:

    >>> model = keras.Sequential([keras.Input((3,)), FATReLU(name="fat"), keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> scheduler = ThresholdScheduler(0.5, epochs=2)
    >>> x = keras.ops.ones((8, 3))
    >>> model.fit(x, x[:, :1], epochs=3, callbacks=[scheduler], verbose=0).history["threshold/fat"]
    [0.25, 0.5, 0.5]
    """

    def __init__(self, thresholds: float | Mapping[str, float], epochs: int) -> None:
        super().__init__()
        if not isinstance(epochs, int) or epochs < 1:
            raise InvalidArgumentError("Invalid `epochs`.", expected="an integer, 1 or more", received=epochs)
        given = thresholds if isinstance(thresholds, Mapping) else {"*": thresholds}
        self._thresholds = {pattern: FATReLU(each).threshold for pattern, each in given.items()}
        self._epochs = epochs
        self._layers: dict[str, tuple[FATReLU, float]] = {}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._layers = {}
        there = {path: layer for path, layer in named_layers(self.model).items() if isinstance(layer, FATReLU)}
        for pattern, threshold in self._thresholds.items():
            named = [path for path in there if names(pattern, path)]
            if not named:
                raise InvalidArgumentError(
                    f"No FATReLU layer is named '{pattern}'.",
                    expected=f"one of {', '.join(there)}" if there else "a model with FATReLU layers",
                    received=pattern,
                    remedy=None if there else "Put them into the model with tfsparse.surgery.replace_relus.",
                )
            for path in named:
                self._layers.setdefault(path, (there[path], threshold))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        _ = self.model  # brings the state of the training loop into the model on JAX
        for layer, threshold in self._layers.values():
            layer.threshold = threshold * min(1.0, (epoch + 1) / self._epochs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs.update({f"threshold/{path}": layer.threshold for path, (layer, _) in self._layers.items()})
