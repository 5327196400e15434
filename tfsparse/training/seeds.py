# SPDX-License-Identifier: Apache-2.0
"""Random numbers that depend on the epoch alone, so that training can go on from any epoch."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

_STATE = "seed_generator_state"


class SeedEachEpoch(keras.callbacks.Callback):
    """Sets the seeds of a model's random layers, such as `Dropout`, anew before each epoch.

    Their draws are then a function of the seed, the epoch and the step. An epoch draws the same numbers whether the
    training came to it in one go or was stopped and resumed before.

    Args:
        seed: An integer, 0 or more.
    """

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._seed = seed

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        keras.utils.set_random_seed(int(np.random.SeedSequence([self._seed, epoch]).generate_state(1)[0]))
        for index, state in enumerate(each for each in self.model.variables if each.name == _STATE):
            drawn = np.random.SeedSequence([self._seed, epoch, index]).generate_state(2)
            state.assign(ops.convert_to_tensor(drawn.astype("uint32")))
