# SPDX-License-Identifier: Apache-2.0
"""How a converter takes over the lowering of winners-take-all layers while it traces a model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WinnerSpec:
    """What a winners-take-all layer does to its input, with every number fixed.

    Args:
        layer: Name of the layer.
        winners: Number of winners k of one sample, at least 1.
        winner_rate: The rate that k was computed from, in (0, 1].
        score: `"max"` or `"mean"`: how a channel is scored over its map.
        unit: `"channel"` or `"neuron"`: what wins or loses as a whole.
    """

    layer: str
    winners: int
    winner_rate: float
    score: str
    unit: str


WinnerLowering = Callable[[Any, WinnerSpec], Any]
"""Takes a layer's input and its spec, returns the masked output."""

_LOWERING: ContextVar[WinnerLowering | None] = ContextVar("tfsparse_winner_lowering", default=None)


def winner_lowering() -> WinnerLowering | None:
    """The function that lowers winners-take-all layers in this context, or `None` for the layers' own code."""
    return _LOWERING.get()


@contextmanager
def lowering_winners(function: WinnerLowering) -> Iterator[None]:
    """Lets `function` stand in for every winners-take-all layer that is called inside the `with` block.

    Args:
        function: Called with a layer's input tensor and its `WinnerSpec`; returns the layer's output.

    Example:

    >>> with lowering_winners(lambda x, spec: x):
    ...     winner_lowering() is not None
    True
    >>> winner_lowering() is None
    True
    """
    token = _LOWERING.set(function)
    try:
        yield
    finally:
        _LOWERING.reset(token)
