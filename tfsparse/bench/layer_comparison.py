# SPDX-License-Identifier: Apache-2.0
"""The layers of a sparse and of a dense model side by side: time for time, the ranking apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.bench.operators import OperatorTime
from tfsparse.conversion.op_codec import options_of
from tfsparse.inspection.macs import operator_macs


@dataclass(frozen=True)
class LayerComparison:
    """One layer in both models.

    Attributes:
        layer: Its name.
        dense_ms: Milliseconds of the dense layer.
        sparse_ms: Milliseconds over the winners, finding them included.
        ranking_ms: Milliseconds of finding them.
        mac_share: MACs of the sparse layer over those of the dense one, or `None` where they are unknown.
    """

    layer: str
    dense_ms: float
    sparse_ms: float
    ranking_ms: float
    mac_share: float | None

    @property
    def speedup(self) -> float:
        """Dense over sparse time."""
        return self.dense_ms / self.sparse_ms

    @property
    def fraction_of_limit(self) -> float | None:
        """Speed-up times MAC share: 1 where every MAC saved is time saved."""
        return None if self.mac_share is None else self.speedup * self.mac_share


def compare_layers(
    sparse: Sequence[OperatorTime], dense: Sequence[OperatorTime], mac_shares: Mapping[str, float] | None = None
) -> list[LayerComparison]:
    """Finds the time that each sparse layer takes in the dense model.

    A selection of winners counts with the first operator that reads it, which in the order of execution is the next one
    that reads winners. A separable convolution counts against both of its dense convolutions.

    Args:
        sparse: The winner operators, in the order of execution.
        dense: The layers of the dense model, in the order of execution, called as in the sparse one.
        mac_shares: MACs of sparse layers over those of the dense ones, where they are known.

    Returns:
        The layers that both models have and that were timed in both, in the order of execution.

    Example:

    >>> ranking = OperatorTime("TfSparseSelectWinners", "wta", total_ms=0.1, ranking_ms=0.1, phases_ms={})
    >>> conv = OperatorTime("TfSparseWinnerConv2D", "conv", total_ms=0.9, ranking_ms=0.0, phases_ms={})
    >>> dense = OperatorTime("CONV_2D", "conv", total_ms=2.0, ranking_ms=0.0, phases_ms={})
    >>> (layer,) = compare_layers([ranking, conv], [dense], {"conv": 0.25})
    >>> layer.sparse_ms, layer.ranking_ms, layer.speedup, layer.fraction_of_limit
    (1.0, 0.1, 2.0, 0.5)
    """
    shares = mac_shares or {}
    found = []
    selections: list[OperatorTime] = []
    for operator in sparse:
        if operator.op == ops.SelectWinners.NAME:
            selections.append(operator)
            continue
        total = operator.total_ms + sum(selection.total_ms for selection in selections)
        ranking = operator.ranking_ms + sum(selection.ranking_ms for selection in selections)
        selections = []
        dense_ms = _dense_time(operator, dense)
        if dense_ms and total:
            found.append(LayerComparison(operator.layer, dense_ms, total, ranking, shares.get(operator.layer)))
    return found


def mac_shares(model: schema.ModelT) -> dict[str, float]:
    """MACs of each layer that reads winners over those of the same layer if it were dense.

    Args:
        model: The sparse model, as `tfsparse.conversion.flatbuffer.read_model` returns it.
    """
    main = model.subgraphs[0]
    found = {}
    for operator in main.operators:
        options, macs = options_of(operator, model), operator_macs(model, main, operator)
        if options is not None and macs.dense:
            found[options.layer] = macs.computed / macs.dense
    return found


def _dense_time(operator: OperatorTime, dense: Sequence[OperatorTime]) -> float:
    """Milliseconds of the same layer in the dense model, 0 where it has none."""
    for position, layer in enumerate(dense):
        if layer.layer == operator.layer and operator.op != ops.MaskWinners.NAME:
            before = dense[position - 1] if position else None
            is_pair = operator.op == ops.WinnerSeparableConv2D.NAME and before is not None
            depthwise = before if is_pair and before is not None and before.op == "DEPTHWISE_CONV_2D" else None
            return layer.total_ms + (depthwise.total_ms if depthwise else 0.0)
    return 0.0
