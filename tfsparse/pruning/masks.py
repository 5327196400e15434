# SPDX-License-Identifier: Apache-2.0
"""Which weights stay: masks by magnitude with an exact number of them, of single weights or of blocks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfsparse.errors import InvalidArgumentError

POOLINGS = ("avg", "max")
BlockSize = tuple[int, int]


def magnitude_masks(
    weights: Sequence[np.ndarray],
    sparsity: float,
    *,
    held: Sequence[np.ndarray] | None = None,
    block_size: BlockSize = (1, 1),
    block_pooling: str = "avg",
) -> list[np.ndarray]:
    """Masks that keep the largest weights of all arrays together.

    Of n weights (or blocks), exactly `max(1, round((1 - sparsity) * n))` stay, those of the highest magnitude; among
    equal ones those of the first array and the lower index stay, so constant weights give exact masks too. A NaN
    ranks above every number.

    Args:
        weights: Arrays that share one ranking; pass one array for a ranking of its own.
        sparsity: Share of zeros, in [0, 1).
        held: Masks that already hold: what is pruned in them stays pruned, and is counted first. `None` for none.
        block_size: Rows and columns of the blocks that stay or go as a whole. They tile the last two axes (the
            inputs and outputs of a kernel) from the first index on; the last ones may be cut off by the edge.
        block_pooling: `"avg"` or `"max"`: how the magnitudes in a block make its score.

    Returns:
        Boolean arrays, true where a weight stays, in the shapes of `weights`.

    Raises:
        InvalidArgumentError: Blocks are asked for and an array has fewer than two axes.

    Example:

    >>> magnitude_masks([np.array([3.0, -4.0, 1.0, 1.0])], 0.25)[0].tolist()
    [True, True, True, False]
    """
    held = [np.ones(array.shape, bool) for array in weights] if held is None else held
    scores = [
        _block_scores(_magnitudes(array, mask), block_size, block_pooling)
        for array, mask in zip(weights, held, strict=True)
    ]
    kept = _highest(np.concatenate([score.ravel() for score in scores]), sparsity)
    parts = np.split(kept, np.cumsum([score.size for score in scores])[:-1])
    return [
        _spread(part.reshape(score.shape), array.shape, block_size) & mask
        for part, score, array, mask in zip(parts, scores, weights, held, strict=True)
    ]


def _magnitudes(weights: np.ndarray, held: np.ndarray) -> np.ndarray:
    magnitudes = np.abs(np.asarray(weights, np.float32))
    # What is pruned already has to rank below a weight that happens to be zero.
    return np.where(held, np.where(np.isnan(magnitudes), np.inf, magnitudes), -1.0)


def _highest(scores: np.ndarray, sparsity: float) -> np.ndarray:
    count = max(1, round((1.0 - sparsity) * scores.size))
    threshold = np.partition(scores, scores.size - count)[scores.size - count]
    kept = scores > threshold
    tied = np.flatnonzero(scores == threshold)
    kept[tied[: count - np.count_nonzero(kept)]] = True
    return kept


def _block_scores(magnitudes: np.ndarray, block_size: BlockSize, pooling: str) -> np.ndarray:
    if block_size == (1, 1):
        return magnitudes
    if magnitudes.ndim < 2:
        raise InvalidArgumentError(
            "Blocks need weights with rows and columns.", expected="two axes or more", received=f"{magnitudes.shape}"
        )
    rows, columns = (np.arange(0, size, step) for size, step in zip(magnitudes.shape[-2:], block_size, strict=True))
    reduce = np.maximum if pooling == "max" else np.add
    pooled = reduce.reduceat(reduce.reduceat(magnitudes, rows, axis=-2), columns, axis=-1)
    if pooling == "max":
        return pooled
    heights = np.diff([*rows, magnitudes.shape[-2]])
    widths = np.diff([*columns, magnitudes.shape[-1]])
    return pooled / np.outer(heights, widths)


def _spread(blocks: np.ndarray, shape: tuple[int, ...], block_size: BlockSize) -> np.ndarray:
    if block_size == (1, 1):
        return blocks
    full = blocks.repeat(block_size[0], axis=-2).repeat(block_size[1], axis=-1)
    return full[..., : shape[-2], : shape[-1]]
