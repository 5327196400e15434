# SPDX-License-Identifier: Apache-2.0
"""Reads a `.tflite` file into plain data that can be printed or written as JSON."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ai_edge_litert import schema_py_generated as schema

from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import read_model
from tfsparse.conversion.op_codec import options_of
from tfsparse.inspection.macs import Macs, operator_macs


@dataclass(frozen=True)
class TensorDescription:
    """A tensor: its name, shape (-1 for an open axis), element type, and bytes in the file (0 if it is computed)."""

    name: str
    shape: list[int]
    type: str
    bytes: int


@dataclass(frozen=True)
class OperatorDescription:
    """An operator in the order of execution.

    Attributes:
        index: Position in the graph.
        name: Builtin name such as `CONV_2D`, or the name of a custom operator.
        version: Version of the operator.
        custom: Whether it is a custom operator.
        inputs: Names of its inputs; an optional input that is left out is `None`.
        outputs: Names of its outputs.
        options: Its options by name.
        macs: MACs, dense and computed.
        weight_bytes: Bytes of its constant inputs.
    """

    index: int
    name: str
    version: int
    custom: bool
    inputs: list[str | None]
    outputs: list[str]
    options: dict[str, Any]
    macs: Macs
    weight_bytes: int


@dataclass(frozen=True)
class ModelDescription:
    """A whole model, its main graph.

    Attributes:
        source: Path of the file, or `"bytes"`.
        bytes: Size of the file.
        inputs: Its inputs.
        outputs: Its outputs.
        operators: Every operator, in the order of execution.
        tensors: Every tensor.
        winner_rates: Name of each layer that selects winners → its winner rate.
        macs: Total MACs, dense and computed.
    """

    source: str
    bytes: int
    inputs: list[TensorDescription]
    outputs: list[TensorDescription]
    operators: list[OperatorDescription]
    tensors: list[TensorDescription]
    winner_rates: dict[str, float]
    macs: Macs

    def to_json(self) -> str:
        """The description as a JSON object, its keys named like the attributes."""
        return json.dumps(asdict(self), indent=2)


def describe_model(model: str | os.PathLike[str] | bytes) -> ModelDescription:
    """Describes a `.tflite` model.

    Args:
        model: Path of the file, or its content.

    Raises:
        ModelFormatError: The file is missing, damaged, or no `.tflite` model.
    """
    tree = read_model(model)
    main = tree.subgraphs[0]
    operators = [_describe_operator(tree, main, index) for index in range(len(main.operators))]
    selections = [operator.options for operator in operators if "winner_rate" in operator.options]
    tensors = [_describe_tensor(tree, tensor) for tensor in main.tensors]
    return ModelDescription(
        source="bytes" if isinstance(model, bytes) else os.fspath(model),
        bytes=len(model) if isinstance(model, bytes) else Path(model).stat().st_size,
        inputs=[tensors[index] for index in graph.as_indices(main.inputs)],
        outputs=[tensors[index] for index in graph.as_indices(main.outputs)],
        operators=operators,
        tensors=tensors,
        winner_rates={options["layer"]: options["winner_rate"] for options in selections},
        macs=sum((operator.macs for operator in operators), Macs()),
    )


def _describe_tensor(model: schema.ModelT, tensor: schema.TensorT) -> TensorDescription:
    data = model.buffers[tensor.buffer].data
    signature = tensor.shapeSignature
    shape = graph.shape_of(tensor) if signature is None else tuple(int(size) for size in signature)
    return TensorDescription(
        name=graph.text(tensor.name),
        shape=list(shape),
        type=graph.TENSOR_TYPE_NAMES[tensor.type].lower(),
        bytes=0 if data is None else len(data),
    )


def _describe_operator(model: schema.ModelT, subgraph: schema.SubGraphT, index: int) -> OperatorDescription:
    operator = subgraph.operators[index]
    code = model.operatorCodes[operator.opcodeIndex]
    inputs = [None if i == graph.ABSENT else subgraph.tensors[i] for i in graph.inputs_of(operator)]
    stored = [_describe_tensor(model, tensor).bytes for tensor in inputs if tensor is not None]
    return OperatorDescription(
        index=index,
        name=graph.op_name(model, operator),
        version=code.version,
        custom=graph.builtin_code(code) == schema.BuiltinOperator.CUSTOM,
        inputs=[None if tensor is None else graph.text(tensor.name) for tensor in inputs],
        outputs=[graph.text(subgraph.tensors[i].name) for i in graph.outputs_of(operator)],
        options=_options(model, operator),
        macs=operator_macs(model, subgraph, operator),
        weight_bytes=sum(stored),
    )


def _options(model: schema.ModelT, operator: schema.OperatorT) -> dict[str, Any]:
    """The options of a winner operator or a builtin one; those of other custom operators are not ours to read."""
    ours = options_of(operator, model)
    if ours is not None:
        return asdict(ours)
    builtin = operator.builtinOptions if operator.builtinOptions is not None else operator.builtinOptions2
    return {} if builtin is None else {key: _plain(value) for key, value in sorted(vars(builtin).items())}


def _plain(value: Any) -> Any:
    """A value that JSON can hold."""
    if isinstance(value, bytes):
        return graph.text(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "__dict__"):
        return {key: _plain(part) for key, part in vars(value).items()}
    return [_plain(part) for part in value] if isinstance(value, (list, tuple)) else value
