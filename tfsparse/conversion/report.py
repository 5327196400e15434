# SPDX-License-Identifier: Apache-2.0
"""What became of each winners-take-all layer, and what that saves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import graph
from tfsparse.conversion.masks import Mask, as_mask
from tfsparse.conversion.op_codec import options_of
from tfsparse.conversion.passes.fuse_conv2d import why_not_conv2d
from tfsparse.conversion.passes.fuse_depthwise_conv2d import why_not_depthwise_conv2d
from tfsparse.conversion.passes.fuse_fully_connected import why_not_fully_connected
from tfsparse.conversion.passes.lower_markers import unit_count
from tfsparse.inspection.macs import operator_macs
from tfsparse.tables import render_table


@dataclass(frozen=True)
class Consumer:
    """An operator that reads a layer's masked output.

    Attributes:
        layer: Name of its output, which is that of its Keras layer.
        operator: Its name in the file, such as `TfSparseWinnerConv2D` or `ADD`.
        fused: Whether it computes with the winners alone.
        reason: Why it does not, and a mask runs before it; `None` if fused.
    """

    layer: str
    operator: str
    fused: bool
    reason: str | None


@dataclass(frozen=True)
class WinnerLayer:
    """A winners-take-all layer.

    Attributes:
        layer: Its name.
        became: `"winner operators"`, `"builtin operators"`, or `"nothing: all win"` if its rate keeps everything.
        winners: Number of winners k.
        units: Of how many channels or neurons.
        winner_rate: The rate it was made with.
        score: `"max"` or `"mean"`.
        unit: `"channel"` or `"neuron"`.
        consumers: What reads its output; empty unless it became winner operators.
    """

    layer: str
    became: str
    winners: int
    units: int
    winner_rate: float
    score: str
    unit: str
    consumers: tuple[Consumer, ...] = ()


@dataclass(frozen=True)
class LayerWithoutWinners:
    """A layer that no winners-take-all layer precedes, and that the native library computes all the same.

    Attributes:
        layer: Its name.
        operator: Its operator in the file.
        skips_zeros: Whether it skips the zeros of its input; how many there are, only a run can tell. Otherwise it is
            there to be transformed into a convolution with fewer multiplications, where that is faster.
    """

    layer: str
    operator: str
    skips_zeros: bool


@dataclass(frozen=True)
class InputZeros:
    """Zeros in the input of a layer that could skip them.

    Attributes:
        layer: Its name.
        share: The share of zeros over all calibration samples.
        skipped: Whether there are enough of them to skip.
    """

    layer: str
    share: float
    skipped: bool


@dataclass(frozen=True)
class OperatorMacs:
    """Multiply-accumulates of an operator for one sample, dense and with the winners alone."""

    layer: str
    operator: str
    dense: int
    computed: int


@dataclass(frozen=True)
class ConversionReport:
    """What a conversion did; `print` shows it as tables.

    Attributes:
        path: The file written.
        bytes: Its size.
        lowering: `"custom"` or `"builtin"`.
        layers: Every winners-take-all layer of the model.
        layers_without_winners: The other layers that the native library computes.
        input_zeros: What was measured on the calibration samples; empty without.
        operators: Every operator that multiplies.
        dense_macs: MACs of one sample without any winners-take-all layer.
        computed_macs: MACs of one sample in this file, skipped zeros and transformations of convolutions left out.
    """

    path: str
    bytes: int
    lowering: str
    layers: tuple[WinnerLayer, ...]
    layers_without_winners: tuple[LayerWithoutWinners, ...]
    input_zeros: tuple[InputZeros, ...]
    operators: tuple[OperatorMacs, ...]
    dense_macs: int
    computed_macs: int

    def to_json(self) -> str:
        """The report as a JSON object, its keys named like the attributes."""
        return json.dumps(asdict(self), indent=2)

    def __str__(self) -> str:
        parts = [f"{self.path}: {self.bytes:,} bytes, lowering {self.lowering}"]
        parts.append(self._layer_table() if self.layers else "The model has no winners-take-all layer.")
        if self.layers_without_winners:
            parts.append(self._table_without_winners())
        if self.input_zeros:
            parts.append(self._zeros_table())
        parts.append(self._macs_table())
        return "\n\n".join(parts)

    def _layer_table(self) -> str:
        rows = []
        for layer in self.layers:
            cells = [layer.layer, f"{layer.winners} of {layer.units} {layer.unit}s", f"{layer.winner_rate:.3g}"]
            if not layer.consumers:
                rows.append([*cells, "", layer.became, ""])
            for consumer in layer.consumers:
                fused = "yes" if consumer.fused else f"no: {consumer.reason}"
                rows.append([*cells, consumer.layer, consumer.operator, fused])
                cells = ["", "", ""]
        return render_table(["layer", "winners", "rate", "read by", "operator", "fused"], rows)

    def _table_without_winners(self) -> str:
        saves = {True: "the zeros of its input, not counted below", False: "multiplications, not counted below"}
        rows = [[layer.layer, layer.operator, saves[layer.skips_zeros]] for layer in self.layers_without_winners]
        return render_table(["layer without winners", "operator", "saves"], rows)

    def _zeros_table(self) -> str:
        rows = [[zeros.layer, f"{zeros.share:.0%}", "yes" if zeros.skipped else "no"] for zeros in self.input_zeros]
        return render_table(["layer without winners", "zeros in its input", "skipped"], rows, numbers=(1,))

    def _macs_table(self) -> str:
        rows = [[op.layer, op.operator, f"{op.dense:,}", f"{op.computed:,}"] for op in self.operators]
        rows.append(["total", "", f"{self.dense_macs:,}", f"{self.computed_macs:,}"])
        return render_table(["layer", "operator", "MACs dense", "MACs with winners"], rows, numbers=(2, 3))


def make_report(
    model: schema.ModelT,
    path: str,
    size: int,
    lowering: str,
    other_layers: Iterable[WinnerLayer],
    input_zeros: tuple[InputZeros, ...] = (),
) -> ConversionReport:
    """Reads the report off a finished model.

    Args:
        model: The model, as it was written.
        path: Where it was written.
        size: Its size in bytes.
        lowering: `"custom"` or `"builtin"`.
        other_layers: The winners-take-all layers that are no operators of their own in it.
        input_zeros: What was measured on calibration samples.
    """
    layers = tuple(layer for subgraph in model.subgraphs for layer in _winner_layers(model, subgraph))
    operators = tuple(
        OperatorMacs(_layer_name(subgraph, operator), graph.op_name(model, operator), macs.dense, macs.computed)
        for subgraph in model.subgraphs
        for operator in subgraph.operators
        if (macs := operator_macs(model, subgraph, operator)).dense
    )
    return ConversionReport(
        path=path,
        bytes=size,
        lowering=lowering,
        layers=layers + tuple(other_layers),
        layers_without_winners=tuple(_layers_without_winners(model)),
        input_zeros=input_zeros,
        operators=operators,
        dense_macs=sum(operator.dense for operator in operators),
        computed_macs=sum(operator.computed for operator in operators),
    )


def gone_layer(options: ops.SelectWinners, units: int, became: str) -> WinnerLayer:
    """The row of a layer that is no operator of its own in the file."""
    return WinnerLayer(options.layer, became, options.winners, units, options.winner_rate, options.score, options.unit)


def _layers_without_winners(model: schema.ModelT) -> Iterator[LayerWithoutWinners]:
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            options = options_of(operator, model)
            if (
                isinstance(options, (ops.WinnerConv2D, ops.WinnerFullyConnected))
                and graph.inputs_of(operator)[1] == graph.ABSENT
            ):
                yield LayerWithoutWinners(options.layer, options.NAME, options.skip_zeros)


def _layer_name(subgraph: schema.SubGraphT, operator: schema.OperatorT) -> str:
    return graph.text(subgraph.tensors[graph.outputs_of(operator)[0]].name)


def _winner_layers(model: schema.ModelT, subgraph: schema.SubGraphT) -> list[WinnerLayer]:
    found = []
    readers = graph.consumers_of(subgraph)
    for operator in subgraph.operators:
        options = options_of(operator, model)
        if isinstance(options, ops.SelectWinners):
            source, winners = graph.inputs_of(operator)[0], graph.outputs_of(operator)[0]
            consumers = [consumer for reader in readers[winners] for consumer in _consumers(model, subgraph, reader)]
            units = unit_count(subgraph.tensors[source], options.unit)
            found.append(
                WinnerLayer(options.layer, "winner operators", options.winners, units, options.winner_rate,
                            options.score, options.unit, tuple(consumers))
            )  # fmt: skip
    return found


def _consumers(model: schema.ModelT, subgraph: schema.SubGraphT, reader: schema.OperatorT) -> list[Consumer]:
    """The fused operator itself, or, if the reader of the winners is a mask, what reads that."""
    mask = as_mask(model, reader)
    if mask is None:
        return [Consumer(_layer_name(subgraph, reader), graph.op_name(model, reader), True, None)]
    found = [
        Consumer(_layer_name(subgraph, operator), graph.op_name(model, operator), False,
                 _why_not(model, subgraph, operator, mask))
        for operator in graph.consumers_of(subgraph)[mask.output]
    ]  # fmt: skip
    if mask.output in subgraph.outputs:
        name = graph.text(subgraph.tensors[mask.output].name)
        found.append(Consumer(name, "graph output", False, "the masked data itself is asked for"))
    return found


def _why_not(model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, mask: Mask) -> str:
    name = graph.op_name(model, operator)
    reason = None
    if name == "CONV_2D":
        reason = why_not_conv2d(model, subgraph, operator, mask.unit)
    elif name == "FULLY_CONNECTED":
        reason = why_not_fully_connected(model, subgraph, operator, mask)
    elif name == "DEPTHWISE_CONV_2D":
        reason = why_not_depthwise_conv2d(model, subgraph, operator, mask.unit)
    return reason or f"no fused form of {name}"
