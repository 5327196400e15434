# SPDX-License-Identifier: Apache-2.0
"""Stops a training whose loss is no number any more, and finds the layer where it began."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.models import named_layers

BATCHES_BETWEEN_LOOKS = 20
"""The loss in the logs is a running mean: once it is no number it stays so, and few looks are enough."""


class DivergedLoss(Exception):  # noqa: N818
    """The loss is NaN or infinite; for the training loop that started the fit, which knows what to say.

    Args:
        epoch: Epoch in which it was seen, from 0.
        batch: The batch after which it was seen, from 0.
    """

    def __init__(self, epoch: int, batch: int) -> None:
        super().__init__(epoch, batch)
        self.epoch = epoch
        self.batch = batch


class NanGuard(keras.callbacks.Callback):
    """Raises `DivergedLoss` when the loss is NaN or infinite: before a checkpoint of such weights is written."""

    def __init__(self) -> None:
        super().__init__()
        self._epoch = 0
        self._batch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._batch = batch
        if batch % BATCHES_BETWEEN_LOOKS == 0:
            self._look(logs)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._look(logs)

    def _look(self, logs: dict[str, Any] | None) -> None:
        if not math.isfinite(float((logs or {}).get("loss", 0.0))):
            raise DivergedLoss(self._epoch, self._batch)


def first_broken_layer(model: keras.Model, x: Any) -> str | None:
    """The first layer, in the order in which they run, whose weights or output are not finite; `None` if all are.

    Args:
        model: A built model.
        x: A batch of samples as the model takes them.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="a"), keras.layers.Dense(1, name="b")])
    >>> model.get_layer("b").set_weights([np.ones((2, 1)), np.array([np.inf])])
    >>> first_broken_layer(model, np.ones((1, 2), "float32"))
    'b'
    """
    layers = named_layers(model)
    paths = {id(layer): path for path, layer in layers.items()}
    broken: list[str] = []

    def look(layer: keras.Layer, index: int, inputs: Any, outputs: Any) -> None:
        tensors = [*layer.weights, *keras.tree.flatten(outputs)]
        if not broken and not all(np.isfinite(to_numpy(tensor)).all() for tensor in tensors):
            broken.append(paths[id(layer)])

    with observing(layers.values(), look):
        run(model, x)
    return broken[0] if broken else None
