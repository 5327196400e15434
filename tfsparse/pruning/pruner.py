# SPDX-License-Identifier: Apache-2.0
"""Prunes a model's weights by a schedule and keeps them pruned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from tfsparse.errors import InvalidArgumentError
from tfsparse.pruning.kernels import select_kernels
from tfsparse.pruning.masks import POOLINGS, magnitude_masks
from tfsparse.schedules.protocol import Schedule, latest_update

SCOPES = ("layer", "global")


class Pruner:
    """Sets the smallest weights of a model to zero, by a schedule, in place; for training loops of one's own.

    Call `step()` after every optimizer update: the optimizer moves pruned weights too, and `step` sets them back to
    zero. With `model.fit`, use `tfsparse.callbacks.MagnitudePruning`, which does that.

    Weights that are zero when the pruner is made count as pruned and stay so (unless the whole kernel is zero, as
    initializers make it): training that was interrupted goes on without losing sparsity. For the same reason a
    schedule that falls does not bring weights back.

    Args:
        model: A built Keras 3 model of any kind: its layers stay what they are.
        schedule: `step -> (should_update, sparsity)`, as in `tfsparse.schedules`, for all layers that can be pruned;
            or a dict of such schedules by layer name or shell pattern (`"fc*"`), of which a layer follows the first
            that names it, and layers that none names are left alone. See `tfsparse.pruning.prunable_kernels`.
        exclude: Names or patterns of layers to leave alone.
        scope: `"layer"`: each layer gets the sparsity of its schedule. `"global"`: the layers that share a schedule
            get it together, ranked as one.
        block_size: `(rows, columns)` of blocks of the (inputs, outputs) of a kernel that are pruned as a whole.
        block_pooling: `"avg"` or `"max"`: how the magnitudes in a block make its score.
        initial_step: Optimizer updates done so far; the last update that the schedule has up to here is made at once.

    Raises:
        InvalidArgumentError: An argument is out of its range, or a name fits no layer.
        UnsupportedModelError: A named layer cannot be pruned, or the model is not built or not of Keras 3.

    Example:

    >>> from tfsparse.schedules import ConstantSparsity
    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, name="fc")])
    >>> pruner = Pruner(model, ConstantSparsity(0.75, begin_step=1))
    >>> pruner.step()
    >>> pruner.sparsity()
    {'fc': 0.75}
    """

    def __init__(
        self,
        model: keras.Model,
        schedule: Schedule | Mapping[str, Schedule],
        *,
        exclude: Sequence[str] = (),
        scope: str = "layer",
        block_size: tuple[int, int] = (1, 1),
        block_pooling: str = "avg",
        initial_step: int = 0,
    ) -> None:
        check_options(scope, block_size, block_pooling)
        self._scope = scope
        self._blocks: dict[str, Any] = {"block_size": tuple(block_size), "block_pooling": block_pooling}
        self._kernels: dict[str, keras.Variable] = {}
        self._groups: list[tuple[Schedule, list[str]]] = []
        self._choose(model, schedule, exclude)
        self._masks = {path: _zeros_recovered(kernel) for path, kernel in self._kernels.items()}
        self._on_device = {path: ops.convert_to_tensor(mask) for path, mask in self._masks.items()}
        self._step = -1
        self.step(initial_step)

    def step(self, step: int | None = None) -> None:
        """Makes the updates that are due and sets pruned weights back to zero.

        Args:
            step: Optimizer updates done so far; `None`: one more than at the last call. Steps may be skipped: the
                last update among them is made.
        """
        step = self._step + 1 if step is None else int(step)
        for schedule, paths in self._groups:
            sparsity = latest_update(schedule, self._step, step)
            if sparsity is not None:
                self._prune(paths, _check_scheduled(sparsity, step))
        self._step = max(self._step, step)
        self.hold()

    def hold(self) -> None:
        """Sets pruned weights back to zero; `step` does this too."""
        for path, kernel in self._kernels.items():
            kernel.assign(ops.where(self._on_device[path], ops.convert_to_tensor(kernel), ops.cast(0, kernel.dtype)))

    def masks(self) -> dict[str, np.ndarray]:
        """Boolean arrays by the path of the layer, true where a weight stays."""
        return {path: mask.copy() for path, mask in self._masks.items()}

    def sparsity(self) -> dict[str, float]:
        """The share of pruned weights by the path of the layer."""
        return {path: 1.0 - int(np.count_nonzero(mask)) / mask.size for path, mask in self._masks.items()}

    def _choose(self, model: keras.Model, schedule: Schedule | Mapping[str, Schedule], exclude: Sequence[str]) -> None:
        schedules = schedule if isinstance(schedule, Mapping) else {"*": schedule}
        spared = set(select_kernels(model, exclude))
        for pattern, each in schedules.items():
            if not callable(each):
                raise InvalidArgumentError(
                    f"The schedule for '{pattern}' is no schedule.",
                    expected="step -> (should_update, sparsity), such as tfsparse.schedules.ConstantSparsity",
                    received=each,
                )
            chosen = {
                path: kernel
                for path, kernel in select_kernels(model, [pattern]).items()
                if path not in self._kernels and path not in spared
            }
            self._kernels.update(chosen)
            self._groups.extend([(each, list(chosen))] if self._scope == "global" else [(each, [p]) for p in chosen])
        if not self._kernels:
            raise InvalidArgumentError("No layer is left to prune.", remedy="Exclude fewer of them.")

    def _prune(self, paths: list[str], sparsity: float) -> None:
        weights = [np.asarray(ops.convert_to_numpy(self._kernels[path]), np.float32) for path in paths]
        held = [self._masks[path] for path in paths]
        for path, mask in zip(paths, magnitude_masks(weights, sparsity, held=held, **self._blocks), strict=True):
            self._masks[path] = mask
            self._on_device[path] = ops.convert_to_tensor(mask)


def check_options(scope: str, block_size: tuple[int, int], block_pooling: str) -> None:
    """Raises if one of these arguments of `Pruner` is out of its range.

    Raises:
        InvalidArgumentError: An unknown scope or pooling, or a block that is no pair of positive integers.
    """
    if scope not in SCOPES:
        raise InvalidArgumentError("Unknown `scope`.", expected="'layer' or 'global'", received=scope)
    if block_pooling not in POOLINGS:
        raise InvalidArgumentError("Unknown `block_pooling`.", expected="'avg' or 'max'", received=block_pooling)
    sides = tuple(block_size) if isinstance(block_size, tuple | list) else ()
    if len(sides) != 2 or not all(isinstance(side, int) and side >= 1 for side in sides):
        raise InvalidArgumentError("Invalid `block_size`.", expected="two integers, 1 or more", received=block_size)


def _zeros_recovered(kernel: keras.Variable) -> np.ndarray:
    mask = np.asarray(ops.convert_to_numpy(kernel) != 0)
    return mask if mask.any() else np.ones_like(mask)


def _check_scheduled(sparsity: float, step: int) -> float:
    if not 0.0 <= sparsity < 1.0:
        raise InvalidArgumentError(
            f"The schedule gave a bad sparsity for step {step}.", expected="a number in [0, 1)", received=sparsity
        )
    return sparsity
