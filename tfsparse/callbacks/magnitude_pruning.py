# SPDX-License-Identifier: Apache-2.0
"""Magnitude pruning during `model.fit`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from tfsparse.errors import UnsupportedModelError
from tfsparse.pruning.pruner import Pruner, check_options
from tfsparse.schedules.protocol import Schedule


class MagnitudePruning(keras.callbacks.Callback):
    """Sets the smallest weights to zero while a model trains, and holds them there.

    The model stays as it is: no wrapper layers, nothing to strip afterwards, nothing extra in its file. After every
    batch, pruned weights are set back to zero, so they are zero in every forward pass, in checkpoints and at the end
    (averaged weights, `use_ema=True`, included). That holds with `jit_compile`, with gradient accumulation (where a
    step is an update of the weights, not a batch) and on every backend.

    Steps count the updates of the optimizer (`optimizer.iterations`) from the start of the first `fit` on. Training
    that goes on from a checkpoint, by `BackupAndRestore` or by loading a `.keras` file and `initial_epoch`, goes on in
    mid-schedule; what is pruned is recovered from the zeros in the weights, so sparsity never drops.

    Args:
        schedule: `step -> (should_update, sparsity)`, as in `tfsparse.schedules`, or an object of the TensorFlow Model
            Optimization Toolkit; for all layers that can be pruned. Or a dict of schedules by layer name or shell
            pattern (`"fc*"`, `"backbone/*"`), of which a layer follows the first that names it.
        exclude: Names or patterns of layers to leave alone.
        scope: `"layer"`: each layer gets the sparsity of its schedule. `"global"`: the layers that share a schedule
            get it together, ranked as one.
        block_size: `(rows, columns)` of blocks of the (inputs, outputs) of a kernel that are pruned as a whole;
            `(1, 1)` for single weights.
        block_pooling: `"avg"` or `"max"`: how the magnitudes in a block make its score.

    Raises:
        InvalidArgumentError: An argument is out of its range, or a name fits no layer.
        UnsupportedModelError: A named layer cannot be pruned, or the model is compiled with `steps_per_execution`
            above 1: there is no way in between these steps, and pruned weights would come back to life there.

    Example:

    ```python
    schedule = tfsparse.schedules.PolynomialDecay(0.0, 0.8, begin_step=0, end_step=1000)
    model.fit(x, y, callbacks=[tfsparse.callbacks.MagnitudePruning(schedule, exclude=["logits"])])
    ```

    Reference:
        Han et al., "Learning both Weights and Connections for Efficient Neural Networks", 2015; the gradual schedule:
        Zhu, Gupta, "To prune, or not to prune", 2017.
    """

    def __init__(
        self,
        schedule: Schedule | Mapping[str, Schedule],
        *,
        exclude: Sequence[str] = (),
        scope: str = "layer",
        block_size: tuple[int, int] = (1, 1),
        block_pooling: str = "avg",
    ) -> None:
        super().__init__()
        check_options(scope, block_size, block_pooling)
        self._schedule = schedule
        self._options: dict[str, Any] = {
            "exclude": exclude,
            "scope": scope,
            "block_size": block_size,
            "block_pooling": block_pooling,
        }
        self._pruner: Pruner | None = None

    @property
    def pruner(self) -> Pruner | None:
        """What prunes the model, from the first epoch on."""
        return self._pruner

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._pruner = None
        steps = self.model.steps_per_execution
        if steps != 1:
            raise UnsupportedModelError(
                "Pruned weights cannot be held at zero inside an execution of several steps.",
                expected="steps_per_execution=1",
                received=steps,
                remedy="Compile the model without steps_per_execution.",
            )

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        # Not before: other callbacks restore checkpoints when training begins.
        if self._pruner is None:
            self._pruner = Pruner(self.model, self._schedule, **self._options, initial_step=self._iterations())

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._pruner is not None:
            self._pruner.step(self._iterations())

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._pruner is not None:
            self._pruner.hold()

    def _iterations(self) -> int:
        # On JAX, `self.model` also brings the state of the training loop back into the model.
        return int(ops.convert_to_numpy(self.model.optimizer.iterations))
