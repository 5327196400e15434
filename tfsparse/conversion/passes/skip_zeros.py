# SPDX-License-Identifier: Apache-2.0
"""Convolutions and products without a mask become operators that skip the zeros of their input, wherever they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.fusion import weights_of
from tfsparse.conversion.passes.fuse_conv2d import ACTIVATIONS, conv2d_options, why_not_conv2d
from tfsparse.conversion.passes.fuse_fully_connected import why_no_fused_form


@dataclass(frozen=True, eq=False)
class Candidate:
    """A CONV_2D or FULLY_CONNECTED that has a form which skips the zeros of its input.

    Attributes:
        subgraph: Where it is.
        operator: The operator.
        options: The options of the form that skips zeros.
    """

    subgraph: schema.SubGraphT
    operator: schema.OperatorT
    options: ops.WinnerConv2D | ops.WinnerFullyConnected

    @property
    def source(self) -> int:
        """Index of the tensor whose zeros would be skipped."""
        return graph.inputs_of(self.operator)[0]


Choose = Callable[[schema.ModelT, list[Candidate]], list[Candidate]]
"""Tells which of the candidates of a model gain; see `tfsparse.conversion.zeros`."""


def skip_zeros(model: schema.ModelT, choose: Choose, kernel: str = "auto") -> None:
    """Replaces the CONV_2D and FULLY_CONNECTED that gain by skipping zeros.

    Args:
        model: Changed in place.
        choose: Tells which gain.
        kernel: The option `kernel` of the new convolutions.
    """
    for candidate in choose(model, list(_candidates(model, kernel))):
        operator = candidate.operator
        inputs = [candidate.source, graph.ABSENT, *weights_of(operator)]
        skipping = rewrite.winner_operator(model, candidate.options, inputs, graph.outputs_of(operator))
        rewrite.replace_operator(candidate.subgraph, operator, skipping)


def _candidates(model: schema.ModelT, kernel: str) -> Iterator[Candidate]:
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            options = _options(model, subgraph, operator, kernel)
            if options is not None:
                yield Candidate(subgraph, operator, options)


def _options(
    model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, kernel: str
) -> ops.WinnerConv2D | ops.WinnerFullyConnected | None:
    """The options of the operator that takes the place of this one, `None` if there is no such operator."""
    name = graph.op_name(model, operator)
    if name == "CONV_2D" and why_not_conv2d(model, subgraph, operator, "channel") is None:
        return conv2d_options(subgraph, operator, kernel, skip_zeros=True)
    if name == "FULLY_CONNECTED" and why_no_fused_form(model, subgraph, operator) is None:
        return ops.WinnerFullyConnected(
            layer=graph.text(subgraph.tensors[graph.outputs_of(operator)[0]].name),
            channels=graph.shape_of(subgraph.tensors[graph.inputs_of(operator)[1]])[-1],
            activation=ACTIVATIONS[graph.activation_of(operator)],
            keep_num_dims=bool(operator.builtinOptions.keepNumDims),
            skip_zeros=True,
        )
    return None
