# SPDX-License-Identifier: Apache-2.0
"""Says why a training broke off: which layer stopped to give numbers, and what to do."""

from __future__ import annotations

from typing import Any

import keras

from tfsparse.errors import TrainingError
from tfsparse.training.checkpoints import Checkpoints
from tfsparse.training.nan_guard import BATCHES_BETWEEN_LOOKS, DivergedLoss, first_broken_layer


class _Found(Exception):  # noqa: N818
    """Ends the second run through the epoch."""

    def __init__(self, layer: str | None) -> None:
        self.layer = layer


class _LookBefore(keras.callbacks.Callback):
    """Looks through the layers before each of the batches in which the loss may have broken."""

    def __init__(self, batches: keras.utils.PyDataset, last: int) -> None:
        super().__init__()
        self._batches = batches
        self._last = last

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if batch > self._last - BATCHES_BETWEEN_LOOKS:
            layer = first_broken_layer(self.model, self._batches[batch][0])
            if layer is not None or batch >= self._last:
                raise _Found(layer)


def explain_divergence(
    trainee: keras.Model,
    batches: keras.utils.PyDataset,
    checkpoints: Checkpoints,
    callbacks: list[keras.callbacks.Callback],
    diverged: DivergedLoss,
    label: str,
) -> TrainingError:
    """The error to raise when the loss is no number any more; leaves the model with its last good weights.

    By the time that a loss is NaN, the update has made NaN of nearly all weights. So the epoch is trained once more
    from its checkpoint, up to the batch in question, and there each layer's weights and output are looked at.

    Args:
        trainee: The compiled model.
        batches: What it was trained on.
        checkpoints: Its checkpoints.
        callbacks: Those that change how it trains.
        diverged: When.
        label: What was trained.
    """
    done = checkpoints.newest()
    if done:
        checkpoints.restore(trainee)
        layer = _replay(trainee, batches, callbacks, diverged)
        checkpoints.restore(trainee)
        kept = f"The checkpoint after epoch {done} is kept in {checkpoints.folder}."
    else:
        layer = first_broken_layer(trainee, batches[0][0])
        kept = "No epoch had been finished."
    where = f" First in layer '{layer}'." if layer else ""
    return TrainingError(
        f"{label}: the loss is no number any more in epoch {diverged.epoch + 1}.{where} {kept}",
        remedy="Lower the learning rate, warm it up (optimizer.warmup_epochs) or limit the gradients "
        "(optimizer.clip_norm), and train in a new folder.",
    )


def _replay(
    trainee: keras.Model,
    batches: keras.utils.PyDataset,
    callbacks: list[keras.callbacks.Callback],
    diverged: DivergedLoss,
) -> str | None:
    look = _LookBefore(batches, diverged.batch)
    try:
        trainee.fit(
            batches,
            epochs=diverged.epoch + 1,
            initial_epoch=diverged.epoch,
            callbacks=[*callbacks, look],
            shuffle=False,
            verbose=0,
        )
    except _Found as found:
        return found.layer
    return None
