# SPDX-License-Identifier: Apache-2.0
"""Option maps of tfsparse's operators ⇄ the dataclasses of `tfsparse.ops`."""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers

from tfsparse import ops
from tfsparse.conversion import graph
from tfsparse.errors import ModelFormatError

_MAX_OPTION_BYTES = 65536
_ACTIVATIONS = ("none", "relu", "relu6", "relu_n1_to_1")
_CHOICES = {
    "score": ("max", "mean"),
    "unit": ("channel", "neuron"),
    "padding": ("same", "valid"),
    "activation": _ACTIVATIONS,
    "depthwise_activation": _ACTIVATIONS,
    "kernel": ("auto", "direct"),
}
_INPUTS = {
    ops.WTA_MARKER: (1, 1),
    ops.SelectWinners.NAME: (1, 1),
    ops.MaskWinners.NAME: (2, 2),
    ops.WinnerConv2D.NAME: (3, 4),
    ops.WinnerFullyConnected.NAME: (3, 4),
    ops.WinnerDepthwiseConv2D.NAME: (3, 4),
    ops.WinnerSeparableConv2D.NAME: (4, 6),
}
"""Operator → how many inputs it needs, and may have."""

_OPTIONAL_WINNERS = (ops.WinnerConv2D.NAME, ops.WinnerFullyConnected.NAME)
"""Operators whose second input, the winners, may be absent: everything wins."""

_MOST_OUTPUTS = {ops.WinnerConv2D.NAME: 2, ops.WinnerSeparableConv2D.NAME: 2}
"""Operators that may have more outputs than one."""

_ANY = range(2, 9)
_RANKS = {
    ops.WTA_MARKER: (_ANY,),
    ops.SelectWinners.NAME: (_ANY,),
    ops.MaskWinners.NAME: (_ANY, (2,)),
    ops.WinnerConv2D.NAME: ((4,), (2,), (4,)),
    ops.WinnerFullyConnected.NAME: (_ANY, (2,), (2,)),
    ops.WinnerDepthwiseConv2D.NAME: ((4,), (2,), (4,)),
    ops.WinnerSeparableConv2D.NAME: ((4,), (2,), (4,), (4,)),
}
"""Operator → the ranks that its inputs may have."""


def encode_options(options: ops.WinnerOp) -> np.ndarray:
    """The option map of an operator as the bytes of a FlexBuffer.

    Args:
        options: What the map shall hold.

    Returns:
        Array of uint8, as `OperatorT.customOptions` takes it.

    Example:

    >>> decode_options("TfSparseMaskWinners", encode_options(ops.MaskWinners(layer="wta", unit="channel")))
    MaskWinners(layer='wta', unit='channel')
    """
    values: dict[str, Any] = {field.name: getattr(options, field.name) for field in fields(options)}
    data = flexbuffers.Dumps({"format": ops.OPTIONS_FORMAT, **values})
    return np.frombuffer(bytes(data), dtype=np.uint8)


def decode_options(name: str, data: np.ndarray | bytes | None, where: str = "") -> ops.WinnerOp:
    """Reads the option map of one of tfsparse's operators.

    Args:
        name: Custom code of the operator.
        data: Bytes of the FlexBuffer.
        where: Where the operator stands, for the error message.

    Returns:
        The options.

    Raises:
        ModelFormatError: the map is damaged, a key is missing, or a value is of the wrong type or out of range.
    """
    where = where or name
    options = _map_of(data, where)
    read = _option(options, "format", "int", where)
    if read != ops.OPTIONS_FORMAT:
        raise ModelFormatError(
            f"{where} has options of an unknown format.",
            expected=f"format {ops.OPTIONS_FORMAT}",
            received=f"format {read}",
            remedy="Read the model with a newer tfsparse.",
        )
    return _decode_as(ops.WINNER_OPS[name], options, where)


def decode_marker(data: np.ndarray | bytes | None, where: str = ops.WTA_MARKER) -> ops.SelectWinners:
    """Reads the attributes of a marker, which are the options of the selection that it stands for.

    Raises:
        ModelFormatError: as `decode_options`.
    """
    decoded = _decode_as(ops.SelectWinners, _map_of(data, where), where)
    if not isinstance(decoded, ops.SelectWinners):
        raise TypeError(decoded)
    return decoded


def options_of(operator: schema.OperatorT, model: schema.ModelT) -> ops.WinnerOp | None:
    """The options of an operator if it is one of tfsparse's, else `None`.

    Args:
        operator: Any operator of the model.
        model: The model, whose operator codes name the operator.

    Raises:
        ModelFormatError: the operator is tfsparse's, but its options cannot be read.
    """
    name = graph.op_name(model, operator)
    return decode_options(name, operator.customOptions) if name in ops.WINNER_OPS else None


def check_operator(model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, where: str) -> None:
    """Checks inputs, outputs and options of an operator if it is one of tfsparse's.

    Raises:
        ModelFormatError: says what is wrong with it.
    """
    name = graph.op_name(model, operator)
    if name == ops.WTA_MARKER:
        decode_marker(operator.customOptions, where)
    elif name in ops.WINNER_OPS:
        _check_skip_zeros(operator, decode_options(name, operator.customOptions, where), where)
    else:
        return
    if name == ops.Probe.NAME:
        _check_probe(subgraph, operator, where)
        return
    _check_tensors(subgraph, operator, name, where)
    for index in graph.inputs_of(operator)[2:]:
        if index != graph.ABSENT and not graph.is_constant(model, subgraph.tensors[index]):
            name = graph.text(subgraph.tensors[index].name)
            raise ModelFormatError(f"{where} has weights that the file does not hold.", received=name)


def _check_skip_zeros(operator: schema.OperatorT, options: ops.WinnerOp, where: str) -> None:
    skips_zeros = getattr(options, "skip_zeros", False)
    if skips_zeros and graph.inputs_of(operator)[1:2] != [graph.ABSENT]:
        raise ModelFormatError(
            f"{where} has winners, and skips zeros too.", expected="no winners, or 'skip_zeros' false", received=True
        )


def _check_probe(subgraph: schema.SubGraphT, operator: schema.OperatorT, where: str) -> None:
    inputs, outputs = graph.inputs_of(operator), graph.outputs_of(operator)
    passed = inputs[:-1]
    if not passed or graph.ABSENT in passed or len(outputs) not in (len(passed), len(inputs)):
        raise ModelFormatError(
            f"{where} has wrong inputs or outputs.",
            expected="tensors and a clock or none, and as many tensors and a clock or none",
            received=f"inputs {inputs}, outputs {outputs}",
        )
    kinds = [[_kind(subgraph.tensors[index]) for index in indices] for indices in (passed, outputs[: len(passed)])]
    if kinds[0] != kinds[1]:
        raise ModelFormatError(f"{where} changes a shape or type.", expected=f"{kinds[0]}", received=f"{kinds[1]}")


def _kind(tensor: schema.TensorT) -> tuple[str, tuple[int, ...]]:
    return graph.TENSOR_TYPE_NAMES[tensor.type], graph.shape_of(tensor)


def _check_tensors(subgraph: schema.SubGraphT, operator: schema.OperatorT, name: str, where: str) -> None:
    inputs, outputs = graph.inputs_of(operator), graph.outputs_of(operator)
    low, high = _INPUTS[name]
    required = inputs[:1] + inputs[2:low] if name in _OPTIONAL_WINNERS else inputs[:low]
    most = _MOST_OUTPUTS.get(name, 1)
    if not low <= len(inputs) <= high or graph.ABSENT in required or not 1 <= len(outputs) <= most:
        raise ModelFormatError(
            f"{where} has wrong inputs or outputs.",
            expected=f"{low} to {high} inputs and {'1 output' if most == 1 else '1 or 2 outputs'}",
            received=f"inputs {inputs}, outputs {outputs}",
        )
    ranks = _RANKS[name]
    present = [(index, allowed) for index, allowed in zip(inputs, ranks, strict=False) if index != graph.ABSENT]
    shapes = [graph.shape_of(subgraph.tensors[index]) for index, _ in present]
    if any(len(shape) not in allowed or 0 in shape for shape, (_, allowed) in zip(shapes, present, strict=True)):
        raise ModelFormatError(f"{where} has inputs of impossible shapes.", received=f"{shapes}")


def _map_of(data: np.ndarray | bytes | None, where: str) -> flexbuffers.Map:
    content = b"" if data is None else bytes(data)
    try:
        if not 3 <= len(content) <= _MAX_OPTION_BYTES:
            raise ValueError(f"{len(content)} bytes")
        return flexbuffers.GetRoot(bytearray(content)).AsMap
    except Exception as error:  # the bindings raise whatever they stumble over
        raise _damaged(where, error) from error


def _damaged(where: str, error: Exception) -> ModelFormatError:
    return ModelFormatError(
        f"{where} has damaged options.", expected="a FlexBuffer map", received=str(error) or type(error).__name__
    )


def _decode_as(kind: type[ops.WinnerOp], options: flexbuffers.Map, where: str) -> ops.WinnerOp:
    types = {field.name: str(field.type) for field in fields(kind)}
    return kind(**{key: _option(options, key, type_, where) for key, type_ in types.items()})


def _option(options: flexbuffers.Map, key: str, type_: str, where: str) -> Any:
    try:
        value = _scalar(options[key])
    except KeyError as error:
        raise ModelFormatError(f"{where} lacks the option '{key}'.", expected=f"a value of type {type_}") from error
    except Exception as error:  # the bindings raise whatever they stumble over
        raise _damaged(where, error) from error
    allowed = _allowed(key, type_, value)
    if allowed is not None:
        raise ModelFormatError(f"{where} has a wrong option '{key}'.", expected=allowed, received=value)
    return value


def _scalar(reference: flexbuffers.Ref) -> object:
    """The value if it is no vector or map: those are never options, and may unfold without end."""
    if reference.IsString:
        return reference.AsString
    if reference.IsBool:
        return reference.AsBool
    if reference.IsInt:
        return reference.AsInt
    if reference.IsFloat:
        return reference.AsFloat
    raise TypeError("a value that is neither number nor string")


def _allowed(key: str, type_: str, value: Any) -> str | None:
    """What the option may be, if `value` is not that."""
    if key in _CHOICES:
        return None if value in _CHOICES[key] else f"one of {', '.join(_CHOICES[key])}"
    if type_ == "bool":
        return None if isinstance(value, bool) else "a boolean"
    if type_ == "str":
        return None if isinstance(value, str) else "a string"
    if type_ == "int":
        fine = isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**31
        return None if fine else "an integer of at least 1"
    fine = isinstance(value, (int, float)) and math.isfinite(value) and 0.0 < value <= 1.0
    return None if fine else "a number in (0, 1]"
