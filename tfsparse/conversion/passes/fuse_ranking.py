# SPDX-License-Identifier: Apache-2.0
"""Winner convolutions score their output while they write it, so that the selection behind need not read the map.

The score of a channel is its highest magnitude, a running maximum over what the convolution has just computed. A map of
scores `[N, C]` ranks like the map `[N, H, W, C]` that they come from.
"""

from __future__ import annotations

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph, rewrite
from tfsparse.conversion.op_codec import options_of

_SCORING = (ops.WinnerConv2D, ops.WinnerSeparableConv2D)
_SUFFIX = "/scores"


def fuse_ranking(model: schema.ModelT) -> None:
    """Lets every selection by maximum that follows a winner convolution, or a pair, read the scores that it makes."""
    for subgraph in model.subgraphs:
        producers = {
            graph.outputs_of(operator)[0]: operator
            for operator in subgraph.operators
            if isinstance(options_of(operator, model), _SCORING)
        }
        for operator in subgraph.operators:
            options = options_of(operator, model)
            if not isinstance(options, ops.SelectWinners) or (options.unit, options.score) != ("channel", "max"):
                continue
            source = graph.inputs_of(operator)[0]
            if source in producers:
                rewrite.redirect_input(operator, source, _scores_of(subgraph, producers[source]))


def _scores_of(subgraph: schema.SubGraphT, producer: schema.OperatorT) -> int:
    """The tensor of the convolution's scores, added if it has none yet."""
    outputs = graph.outputs_of(producer)
    if len(outputs) == 1:
        outputs = [*outputs, rewrite.add_scores(subgraph, outputs[0], _SUFFIX)]
        producer.outputs = graph.as_indices(outputs)
    return outputs[1]
