# SPDX-License-Identifier: Apache-2.0
"""Winner rates that change during training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from tfsparse.analysis.models import named_layers
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import WTADropout
from tfsparse.pruning.kernels import names
from tfsparse.schedules.protocol import Schedule, latest_update
from tfsparse.winners import check_winner_rate

UPDATE_FREQUENCIES = ("epoch", "batch")


class WinnerRateScheduler(keras.callbacks.Callback):
    """Sets the winner rates of `WTADropout` layers before each epoch or batch, and writes them into the logs.

    The compiled training step is not traced again. The logs of an epoch get `winner_rate/<layer>`; put the callback
    in front of `CSVLogger` or `TensorBoard` to see it there.

    Args:
        schedule: For all layers: a function that returns a winner rate in (0, 1]; or one that returns
            `(should_update, sparsity)`, such as those of `tfsparse.schedules`, for a winner rate of `1 - sparsity`.
            Or a dict of such functions by layer name or shell pattern (`"wta_conv*"`), of which a layer follows the
            first that names it. It is called with the number of the epoch, or of optimizer updates done.
        update_freq: `"epoch"` or `"batch"`.

    Raises:
        InvalidArgumentError: `update_freq` is unknown, the schedule is no function, a name fits no `WTADropout`
            layer, the model has none, or the schedule returns no rate in (0, 1].

    Example:

    ```python
    scheduler = tfsparse.callbacks.WinnerRateScheduler(lambda epoch: max(0.3, 1.0 - 0.1 * epoch))
    model.fit(x, y, epochs=10, callbacks=[scheduler])
    ```
    """

    def __init__(self, schedule: Schedule | Mapping[str, Schedule], update_freq: str = "epoch") -> None:
        super().__init__()
        if update_freq not in UPDATE_FREQUENCIES:
            raise InvalidArgumentError("Unknown `update_freq`.", expected="'epoch' or 'batch'", received=update_freq)
        self._schedules = dict(schedule) if isinstance(schedule, Mapping) else {"*": schedule}
        for pattern, each in self._schedules.items():
            if not callable(each):
                raise InvalidArgumentError(f"The schedule for '{pattern}' is no function.", received=each)
        self._update_freq = update_freq
        self._layers: dict[str, tuple[WTADropout, Schedule]] = {}
        self._last = -1

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._last = -1
        self._layers = {}
        masks = {path: layer for path, layer in named_layers(self.model).items() if isinstance(layer, WTADropout)}
        for pattern, schedule in self._schedules.items():
            named = [path for path in masks if names(pattern, path)]
            if not named:
                raise InvalidArgumentError(
                    f"No WTADropout layer is named '{pattern}'.",
                    expected=f"one of {', '.join(masks)}" if masks else "a model with WTADropout layers",
                    received=pattern,
                )
            for path in named:
                self._layers.setdefault(path, (masks[path], schedule))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._update_freq == "epoch":
            self._set_rates(epoch)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._update_freq == "batch":
            self._set_rates(int(ops.convert_to_numpy(self.model.optimizer.iterations)))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if logs is not None:
            logs.update({f"winner_rate/{path}": layer.winner_rate for path, (layer, _) in self._layers.items()})

    def _set_rates(self, step: int) -> None:
        for layer, schedule in self._layers.values():
            rate = self._rate(schedule, step)
            if rate is not None and rate != layer.winner_rate:
                layer.winner_rate = rate
        self._last = step

    def _rate(self, schedule: Schedule, step: int) -> float | None:
        rate = schedule(step)
        if isinstance(rate, tuple | list):
            sparsity = latest_update(schedule, self._last, step)
            if sparsity is None:
                return None
            rate = 1.0 - sparsity
        return check_winner_rate(rate, f"schedule({step})")
