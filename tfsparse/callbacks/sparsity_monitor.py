# SPDX-License-Identifier: Apache-2.0
"""Sparsity of activations and weights in the logs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from tfsparse.analysis.activations import observing, run
from tfsparse.analysis.batches import batches
from tfsparse.analysis.models import named_layers
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import FATReLU, WTADropout
from tfsparse.pruning.kernels import names, prunable_kernels

_ACTIVATIONS = (WTADropout, FATReLU, keras.layers.ReLU, keras.layers.Activation)


class SparsityMonitor(keras.callbacks.Callback):
    """Writes the share of zeros in activations and weights of every layer into the logs at the end of each epoch.

    The logs get `activation_sparsity/<layer>`, measured on `x` in inference mode, and `weight_sparsity/<layer>`, where
    the layer is named by its path (`"backbone/conv"` in a nested model). Put the callback in front of `CSVLogger` or
    `TensorBoard` to see them there. One pass over `x` in inference costs about a third of a pass of training.

    Args:
        x: Samples as the model takes them: an array, a list or dict of arrays, or an iterable of batches that can be
            gone through in every epoch. A few hundred samples give a share to about 1 %.
        batch_size: Samples per pass for arrays, 1 or more.
        layers: Names or shell patterns of the layers whose outputs are watched. `None`: those that make zeros, which
            are `WTADropout`, `FATReLU`, `ReLU`, `Activation`, and layers with an `activation` that is not linear. The
            weights are those that can be pruned, see `tfsparse.pruning.prunable_kernels`.

    Raises:
        InvalidArgumentError: `x` does not fit the model or is empty, `batch_size` is below 1, or a name fits no layer.

    Example:

    ```python
    monitor = tfsparse.callbacks.SparsityMonitor(x_test[:256])
    model.fit(x, y, callbacks=[monitor, keras.callbacks.CSVLogger("training.csv")])
    ```
    """

    def __init__(self, x: Any, *, batch_size: int = 32, layers: Sequence[str] | None = None) -> None:
        super().__init__()
        if not isinstance(batch_size, int) or batch_size < 1:
            raise InvalidArgumentError("Invalid `batch_size`.", expected="an integer, 1 or more", received=batch_size)
        self._x = x
        self._batch_size = batch_size
        self._patterns = layers

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs.update({f"activation_sparsity/{path}": share for path, share in self._activation_sparsity().items()})
            for path, kernel in prunable_kernels(self.model).items():
                logs[f"weight_sparsity/{path}"] = _zeros(kernel) / _size(kernel)

    def _activation_sparsity(self) -> dict[str, float]:
        watched = self._watched()
        paths = {id(layer): path for path, layer in watched.items()}
        zeros = dict.fromkeys(watched, 0)
        sizes = dict.fromkeys(watched, 0)

        def count(layer: keras.Layer, index: int, inputs: Any, outputs: Any) -> None:
            for output in keras.tree.flatten(outputs):
                zeros[paths[id(layer)]] += _zeros(output)
                sizes[paths[id(layer)]] += _size(output)

        with observing(watched.values(), count):
            for batch in batches(self.model, self._x, self._batch_size, "Measuring sparsity"):
                run(self.model, batch)
        return {path: zeros[path] / sizes[path] for path in watched if sizes[path]}

    def _watched(self) -> dict[str, keras.Layer]:
        layers = named_layers(self.model)
        if self._patterns is None:
            return {path: layer for path, layer in layers.items() if _makes_zeros(layer)}
        for pattern in self._patterns:
            if not any(names(pattern, path) for path in layers):
                raise InvalidArgumentError(
                    f"No layer is named '{pattern}'.", expected=f"one of {', '.join(layers)}", received=pattern
                )
        return {path: layer for path, layer in layers.items() if any(names(each, path) for each in self._patterns)}


def _makes_zeros(layer: keras.Layer) -> bool:
    activation = getattr(layer, "activation", None)
    return isinstance(layer, _ACTIVATIONS) or activation not in (None, keras.activations.linear)


def _zeros(tensor: Any) -> int:
    return int(ops.convert_to_numpy(ops.sum(ops.cast(ops.convert_to_tensor(tensor) == 0, "int32"))))


def _size(tensor: Any) -> int:
    return int(ops.size(tensor))
