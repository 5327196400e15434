# SPDX-License-Identifier: Apache-2.0
"""What the passes share that let a convolution of masked data read the winners instead."""

from __future__ import annotations

from collections.abc import Callable

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.masks import masks_by_output


def fuse_masked(
    model: schema.ModelT,
    name: str,
    why_not: Callable[[schema.ModelT, schema.SubGraphT, schema.OperatorT, str], str | None],
    options: Callable[[schema.SubGraphT, schema.OperatorT], ops.WinnerOp],
) -> None:
    """Fuses every operator of a kind that reads a mask and can do without it.

    Args:
        model: Changed in place.
        name: Builtin name of the kind, such as `CONV_2D`.
        why_not: Why an operator needs the mask of its input, whose unit is the last argument; `None` if it does not.
        options: The options of the operator that takes its place.
    """
    for subgraph in model.subgraphs:
        masks = masks_by_output(model, subgraph)
        for operator in list(subgraph.operators):
            mask = masks.get(graph.inputs_of(operator)[0]) if graph.op_name(model, operator) == name else None
            if mask is not None and why_not(model, subgraph, operator, mask.unit) is None:
                inputs = [mask.source, mask.winners, *weights_of(operator)]
                outputs = graph.outputs_of(operator)
                fused = rewrite.winner_operator(model, options(subgraph, operator), inputs, outputs)
                rewrite.replace_operator(subgraph, operator, fused)


def weights_of(operator: schema.OperatorT) -> list[int]:
    """Weights and bias of an operator, the bias `ABSENT` if there is none."""
    return [*graph.inputs_of(operator)[1:], graph.ABSENT][:2]
