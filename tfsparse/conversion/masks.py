# SPDX-License-Identifier: Apache-2.0
"""The masks of a graph, as the passes and the report look at them."""

from __future__ import annotations

from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph
from tfsparse.conversion.op_codec import options_of


@dataclass(frozen=True)
class Mask:
    """A mask operator: `output` is `source` with all but the `winners` set to zero (all three are tensor indices)."""

    source: int
    winners: int
    output: int
    unit: str
    layer: str


def masks_by_output(model: schema.ModelT, subgraph: schema.SubGraphT) -> dict[int, Mask]:
    """Masked tensor → the mask that makes it."""
    return {mask.output: mask for operator in subgraph.operators if (mask := as_mask(model, operator)) is not None}


def as_mask(model: schema.ModelT, operator: schema.OperatorT) -> Mask | None:
    """The operator as a mask, if it is one."""
    options = options_of(operator, model)
    if not isinstance(options, ops.MaskWinners):
        return None
    source, winners = graph.inputs_of(operator)
    return Mask(source, winners, graph.outputs_of(operator)[0], options.unit, options.layer)
