# SPDX-License-Identifier: Apache-2.0
"""Convolutions and products without a mask become operators that skip the zeros of their input, wherever they are."""

from __future__ import annotations

from collections.abc import Collection

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.fusion import weights_of
from tfsparse.conversion.passes.fuse_conv2d import ACTIVATIONS, conv2d_options, why_not_conv2d
from tfsparse.conversion.passes.fuse_fully_connected import why_no_fused_form

_KEEPS_ZEROS = {
    "RELU", "RELU6", "RELU_N1_TO_1", "LEAKY_RELU", "MAX_POOL_2D", "PAD", "PADV2", "RESHAPE", "EXPAND_DIMS", "SQUEEZE",
}  # fmt: skip
"""Operators whose result has zeros where their first input has, nearly so for pooling."""


def skip_zeros(model: schema.ModelT, sparse_layers: Collection[str] | None, kernel: str = "auto") -> None:
    """Replaces every CONV_2D and FULLY_CONNECTED that has a form which skips zeros and may gain by it.

    Args:
        model: Changed in place.
        sparse_layers: Names of the layers whose outputs are expected to hold zeros: what reads them gains. `None`: all
            gain but those that read an input of the model.
        kernel: The option `kernel` of the new convolutions.
    """
    for subgraph in model.subgraphs:
        for operator in list(subgraph.operators):
            options = _options(model, subgraph, operator, kernel)
            if options is not None and _reads_zeros(model, subgraph, operator, sparse_layers):
                inputs = [graph.inputs_of(operator)[0], graph.ABSENT, *weights_of(operator)]
                skipping = rewrite.winner_operator(model, options, inputs, graph.outputs_of(operator))
                rewrite.replace_operator(subgraph, operator, skipping)


def _options(
    model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, kernel: str
) -> ops.WinnerOp | None:
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


def _reads_zeros(
    model: schema.ModelT,
    subgraph: schema.SubGraphT,
    operator: schema.OperatorT,
    sparse_layers: Collection[str] | None,
) -> bool:
    """Whether an operator reads one of the layers, directly or through operators that keep zeros."""
    producers = graph.producers_of(subgraph)
    source = graph.inputs_of(operator)[0]
    while True:
        layer = graph.text(subgraph.tensors[source].name).partition("#")[0]  # "#2": a later call of the layer
        if sparse_layers is not None and layer in sparse_layers:
            return True
        producer = producers.get(source)
        if producer is None:
            return False
        if graph.op_name(model, producer) not in _KEEPS_ZEROS:
            return sparse_layers is None
        source = graph.inputs_of(producer)[0]
