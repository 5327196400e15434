# SPDX-License-Identifier: Apache-2.0
"""Models of a single winner operator, right ones and wrong ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.utils.runtimes import open_interpreter, run
from tests.utils.tflite_builder import ABSENT, ModelBuilder
from tfsparse.ops import SelectWinners, WinnerOp


@dataclass(frozen=True)
class Input:
    """An input of a model; a dimension of -1 is left open."""

    shape: tuple[int, ...]
    dtype: Any = np.float32


def batch_of(array: np.ndarray) -> Input:
    """An input for arrays like this one, whatever their batch."""
    return Input((-1, *array.shape[1:]), array.dtype)


def winner_model(
    op: WinnerOp,
    inputs: Sequence[Input | np.ndarray | None],
    *,
    has_scores: bool = False,
    output: Any = None,
    **changes: Any,
) -> bytes:
    """A model of one operator. Its inputs are the model's, constants, or (None) left out.

    `output` is a type that the first output has instead of the right one; `changes` are made to the options.
    """
    model = ModelBuilder()
    indices = []
    for item in inputs:
        if isinstance(item, Input):
            indices.append(model.input(item.shape, item.dtype))
        else:
            indices.append(ABSENT if item is None else model.constant(item))
    dtype = output or (np.int32 if isinstance(op, SelectWinners) else np.float32)
    outputs = [model.tensor((1,), dtype)]  # the operator gives them their shapes
    outputs += [model.tensor((1,))] if has_scores else []
    model.winner_op(op, indices, outputs, **changes)
    return model.finish(outputs)


def compute(op: WinnerOp, x: np.ndarray, winners: np.ndarray | None, *constants: np.ndarray | None) -> np.ndarray:
    """What the operator makes of its inputs in LiteRT."""
    arrays = [x] if winners is None else [x, winners]
    rows = None if winners is None else batch_of(winners)
    (y,) = run(open_interpreter(winner_model(op, [batch_of(x), rows, *constants])), arrays)
    return y


def sample(*shape: int, density: float = 1.0, seed: int = 0) -> np.ndarray:
    """Normally distributed numbers, of which a share of `density` is not zero."""
    generator = np.random.default_rng(seed)
    x = generator.standard_normal(shape).astype(np.float32)
    return np.where(generator.uniform(size=shape) < density, x, np.float32(0))
