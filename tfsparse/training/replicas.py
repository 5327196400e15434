# SPDX-License-Identifier: Apache-2.0
"""Statistics that are the same on every device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras


class AverageStatistics(keras.callbacks.Callback):
    """Averages what each device learned of its own part of the data, before anyone looks at it.

    On the TensorFlow backend the devices of a strategy keep running statistics, those of `BatchNormalization`, each for
    itself: validation would measure a model per device, and what is saved would be that of the first. Averaged before
    each validation, and at the end of each epoch and of training, they are those of all data, the same everywhere.
    Without a strategy, and on other backends, there is one set of them, and this does nothing.

    Example:

    ```python
    with tf.distribute.MirroredStrategy().scope():
        model = build_and_compile()
        model.fit(x, y, callbacks=[AverageStatistics()])
    ```
    """

    def __init__(self) -> None:
        super().__init__()
        self._average: Callable[[], None] | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        strategy = getattr(self.model, "distribute_strategy", None)
        statistics = [each for each in self.model.non_trainable_variables if "float" in str(each.dtype)]
        several = strategy is not None and strategy.num_replicas_in_sync > 1
        self._average = _averaging(strategy, statistics) if several and statistics else None

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._apply()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._apply()

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self._apply()

    def _apply(self) -> None:
        if self._average is not None:
            self._average()


def _averaging(strategy: Any, variables: list[keras.Variable]) -> Callable[[], None]:
    import tensorflow as tf

    read = tf.function(lambda: strategy.run(lambda: [tf.identity(each.value) for each in variables]), autograph=False)

    def average() -> None:
        for variable, values in zip(variables, read(), strict=True):
            variable.assign(strategy.reduce(tf.distribute.ReduceOp.MEAN, values, axis=None))

    return average
