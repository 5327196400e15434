# SPDX-License-Identifier: Apache-2.0
"""Checks that a model's graph makes sense: indices, shapes, sizes, order, options.

The interpreters trust a file. What is checked here is what would otherwise make them read or write outside their
memory, or divide by zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion import builtin_rules, graph
from tfsparse.conversion.op_codec import check_operator
from tfsparse.conversion.shape_rules import shapes_agree
from tfsparse.errors import ModelFormatError

_SCHEMA_VERSION = 3
_MAX_ELEMENTS = 2**31 - 1


def validate(model: schema.ModelT, source: str, file_size: int) -> None:
    """Checks a model just read.

    Args:
        model: What the file's bytes stand for.
        source: How to call the file in an error.
        file_size: Bytes of the file.

    Raises:
        ModelFormatError: something in the model is impossible; says what, and where.
    """
    check = _Check(source)
    check.that(model.version == _SCHEMA_VERSION, "schema version", str(_SCHEMA_VERSION), model.version)
    for name in ("operatorCodes", "subgraphs", "buffers"):
        check.that(_all_present(getattr(model, name)), f"list `{name}`", "a list without gaps", None)
    check.that(len(model.subgraphs) > 0, "list `subgraphs`", "at least one subgraph", 0)
    check.that(len(model.buffers) > 0, "list `buffers`", "at least the empty buffer 0", 0)
    for index, code in enumerate(model.operatorCodes):
        _check_code(check, code, f"operator code {index}")
    for index, buffer in enumerate(model.buffers):
        end = buffer.offset + buffer.size
        check.that(buffer.offset <= 1 or end <= file_size, f"buffer {index}", f"data within {file_size} bytes", end)
    for index, subgraph in enumerate(model.subgraphs):
        _check_subgraph(check, model, subgraph, f"subgraph {index}")
    _check_metadata(check, model)
    signatures = model.signatureDefs or ()
    check.that(_all_present(signatures), "list `signatureDefs`", "a list without gaps", None)
    for index, signature in enumerate(signatures):
        _check_signature(check, model, signature, f"signature {index}")


class _Check:
    """Raises the error for whatever does not hold."""

    def __init__(self, source: str) -> None:
        self.source = source

    def that(self, holds: bool, where: str, expected: str, received: object) -> None:
        if not holds:
            raise ModelFormatError(
                f"{self.source} is no valid .tflite model: {where} is wrong.", expected=expected, received=received
            )

    def name(self, name: bytes | None, where: str) -> None:
        """The runtimes' Python interfaces decode every name."""
        try:
            (name or b"").decode()
        except UnicodeDecodeError:
            self.that(False, f"{where}, its name", "UTF-8 text", name)

    def index(self, index: int, size: int, where: str) -> None:
        self.that(0 <= index < size, where, f"an index from 0 to {size - 1}", int(index))


def _all_present(items: Iterable[object] | None) -> bool:
    return items is not None and all(item is not None for item in items)


def _check_code(check: _Check, code: schema.OperatorCodeT, where: str) -> None:
    builtin = graph.builtin_code(code)
    check.that(builtin in graph.BUILTIN_NAMES, where, "a builtin operator of the schema", builtin)
    if builtin == schema.BuiltinOperator.CUSTOM:
        check.that(bool(code.customCode), where, "the name of the custom operator", code.customCode)
        check.name(code.customCode, where)


def _check_subgraph(check: _Check, model: schema.ModelT, subgraph: schema.SubGraphT, where: str) -> None:
    subgraph.operators = [] if subgraph.operators is None else subgraph.operators
    for name in ("tensors", "operators"):
        check.that(_all_present(getattr(subgraph, name)), f"{where}, list `{name}`", "a list without gaps", None)
    for index, tensor in enumerate(subgraph.tensors):
        _check_tensor(check, model, tensor, f"{where}, tensor {index}")
    size = len(subgraph.tensors)
    for name in ("inputs", "outputs"):
        indices = getattr(subgraph, name)
        for index in () if indices is None else indices:
            check.index(index, size, f"{where}, list `{name}`")
    for position, operator in enumerate(subgraph.operators):
        _check_operator(check, model, subgraph, operator, f"{where}, operator {position}")
    _check_order(check, model, subgraph, where)


def _check_tensor(check: _Check, model: schema.ModelT, tensor: schema.TensorT, where: str) -> None:
    check.name(tensor.name, where)
    where = f"{where} ({graph.text(tensor.name)!r})"
    check.that(tensor.type in graph.TENSOR_TYPE_NAMES, where, "a type of the schema", tensor.type)
    check.index(tensor.buffer, len(model.buffers), f"{where}, its buffer")
    shape = graph.shape_of(tensor)
    check.that(min(shape, default=0) >= 0 and len(shape) <= 8, where, "at most 8 sizes, none negative", shape)
    count = math.prod(max(1, size) for size in shape)
    check.that(count <= _MAX_ELEMENTS, where, f"at most {_MAX_ELEMENTS} elements", shape)
    if tensor.shapeSignature is not None and len(tensor.shapeSignature) == 0:
        tensor.shapeSignature = None  # two ways to say that every size is known
    if tensor.shapeSignature is not None:
        pairs = list(zip(tensor.shapeSignature, shape, strict=False))
        agree = len(pairs) == len(tensor.shapeSignature) == len(shape)
        agree = agree and all(open_ in (-1, size) for open_, size in pairs)
        check.that(agree, f"{where}, its shape signature", f"{shape} or -1", list(tensor.shapeSignature))
    _check_quantization(check, tensor, shape, where)
    data = model.buffers[tensor.buffer].data
    if data is not None and len(data) > 0 and tensor.sparsity is None:
        _check_data(check, tensor, np.asarray(data), where)


def _check_data(check: _Check, tensor: schema.TensorT, data: np.ndarray, where: str) -> None:
    kind = graph.TENSOR_TYPE_NAMES[tensor.type]
    if kind == "STRING":
        check.that(_is_string_data(data), where, "well-formed strings", f"{len(data)} bytes")
    else:
        check.that(kind in graph.BITS, where, "a type that a file can hold", kind)
        needed = -(-graph.element_count(tensor) * graph.BITS[kind] // 8)
        check.that(len(data) == needed, where, f"{needed} bytes of data", len(data))


def _is_string_data(data: np.ndarray) -> bool:
    """A count, the offset of each string and the end, then the characters."""
    if len(data) < 8:
        return False
    words = data[: len(data) // 4 * 4].view(np.int32)
    count = int(words[0])
    if not 0 <= count <= len(words) - 2:
        return False
    offsets = words[1 : count + 2]
    return bool(np.all(np.diff(offsets) >= 0)) and offsets[0] >= 0 and offsets[-1] <= len(data)


def _check_quantization(check: _Check, tensor: schema.TensorT, shape: tuple[int, ...], where: str) -> None:
    quantization = tensor.quantization
    if quantization is None or quantization.scale is None or len(quantization.scale) == 0:
        return
    where = f"{where}, its quantization"
    scales, zeros = len(quantization.scale), quantization.zeroPoint
    check.that(zeros is not None and len(zeros) in (1, scales), where, f"{scales} zero points", zeros)
    if scales > 1:
        check.index(quantization.quantizedDimension, len(shape), where)
        size = shape[quantization.quantizedDimension]
        check.that(size == scales, where, f"{size} scales", scales)


def _check_operator(
    check: _Check, model: schema.ModelT, subgraph: schema.SubGraphT, operator: schema.OperatorT, where: str
) -> None:
    check.index(operator.opcodeIndex, len(model.operatorCodes), f"{where}, its operator code")
    name = graph.op_name(model, operator)
    where = f"{where} ({name})"
    inputs, outputs = graph.inputs_of(operator), graph.outputs_of(operator)
    optional = 0
    is_custom = graph.builtin_code(model.operatorCodes[operator.opcodeIndex]) == schema.BuiltinOperator.CUSTOM
    if not is_custom:
        optional = builtin_rules.first_optional_input(name, len(inputs))
        for kind, given, least in (
            ("inputs", inputs, builtin_rules.least_inputs(name)),
            ("outputs", outputs, builtin_rules.least_outputs(name)),
        ):
            check.that(len(given) >= least, f"{where}, list `{kind}`", f"at least {least} {kind}", len(given))
        _check_options(check, model, operator, name, where)
    for index in [*outputs, *_indices(operator.intermediates)]:
        check.index(index, len(subgraph.tensors), where)
    for position, index in enumerate(inputs):
        if index != graph.ABSENT or position < optional:
            check.index(index, len(subgraph.tensors), f"{where}, input {position}")
    if not is_custom:
        agree = shapes_agree(subgraph, operator, name)
        check.that(agree, where, "inputs and outputs whose shapes and types go together", _shapes(subgraph, operator))
    check_operator(model, subgraph, operator, where)


def _shapes(subgraph: schema.SubGraphT, operator: schema.OperatorT) -> str:
    present = [index for index in graph.inputs_of(operator) if index != graph.ABSENT]
    shapes = [[graph.shape_of(subgraph.tensors[i]) for i in group] for group in (present, graph.outputs_of(operator))]
    return f"inputs {shapes[0]}, outputs {shapes[1]}"


def _indices(values: np.ndarray | None) -> list[int]:
    return [int(index) for index in (() if values is None else values) if index != graph.ABSENT]


def _check_options(check: _Check, model: schema.ModelT, operator: schema.OperatorT, name: str, where: str) -> None:
    for field in ("builtinOptions", "builtinOptions2"):
        kind = getattr(operator, field + "Type")
        check.that(kind == 0 or getattr(operator, field) is not None, where, "options of a known kind", kind)
    given = [options for options in (operator.builtinOptions, operator.builtinOptions2) if options is not None]
    wanted = builtin_rules.options_name(name)
    check.that(bool(given) or not builtin_rules.needs_options(name), where, f"options of {name}", None)
    for options in given:
        kind = type(options).__name__.removesuffix("T")
        check.that(wanted in (None, kind), where, f"options of {name}", kind)
        for key in builtin_rules.AT_LEAST_ONE.get(kind, ()):
            check.that(getattr(options, key) >= 1, f"{where}, option {key}", "at least 1", getattr(options, key))
        for key, enum in builtin_rules.ENUMS.items():
            value = getattr(options, key, None)
            known = not isinstance(value, int) or value in vars(enum).values()  # some paddings are lists of numbers
            check.that(known, f"{where}, option {key}", "a value of the schema", value)
        for key, value in vars(options).items():
            if key.lower().endswith("subgraphindex"):
                check.index(value, len(model.subgraphs), f"{where}, option {key}")


def _check_order(check: _Check, model: schema.ModelT, subgraph: schema.SubGraphT, where: str) -> None:
    """Whatever is read was written before, and nothing is written twice."""
    constants = {index for index, t in enumerate(subgraph.tensors) if t.isVariable or graph.is_constant(model, t)}
    ready = constants | {index for index, t in enumerate(subgraph.tensors) if 0 in graph.shape_of(t)}
    ready |= {graph.ABSENT, *_indices(subgraph.inputs)}
    written = set(_indices(subgraph.inputs))
    for position, operator in enumerate(subgraph.operators):
        inputs, outputs = graph.inputs_of(operator), graph.outputs_of(operator)
        unready = [index for index in inputs if index not in ready]
        check.that(not unready, f"{where}, operator {position}", "inputs computed before it", unready)
        again = [index for index in outputs if index in written or index in constants]
        check.that(not again and len(set(outputs)) == len(outputs), f"{where}, operator {position}",
                   "outputs that nothing else writes", again)  # fmt: skip
        written |= set(outputs)
        ready |= set(outputs)
    _check_winner_results_are_read(check, model, subgraph, where)
    unready = [index for index in _indices(subgraph.outputs) if index not in ready]
    check.that(not unready, f"{where}, list `outputs`", "tensors that the graph computes", unready)


def _check_winner_results_are_read(check: _Check, model: schema.ModelT, subgraph: schema.SubGraphT, where: str) -> None:
    """The runtimes give a delegate's operator no memory for a result that nothing reads."""
    read = {index for operator in subgraph.operators for index in graph.inputs_of(operator)}
    read |= set(_indices(subgraph.outputs))
    for position, operator in enumerate(subgraph.operators):
        if graph.op_name(model, operator) in ops.WINNER_OPS:
            unread = [index for index in graph.outputs_of(operator) if index not in read]
            check.that(not unread, f"{where}, operator {position}", "a result that something reads", unread)


def _check_metadata(check: _Check, model: schema.ModelT) -> None:
    check.that(model.metadata is None or _all_present(model.metadata), "list `metadata`", "a list without gaps", None)
    for index, entry in enumerate(model.metadata or ()):
        check.that(entry.name is not None, f"metadata {index}", "a name", None)
        check.index(entry.buffer, len(model.buffers), f"metadata {index}, its buffer")
    for index in _indices(model.metadataBuffer):
        check.index(index, len(model.buffers), "list `metadataBuffer`")


def _check_signature(check: _Check, model: schema.ModelT, signature: schema.SignatureDefT, where: str) -> None:
    check.that(bool(signature.signatureKey), where, "a key", signature.signatureKey)
    check.name(signature.signatureKey, where)
    check.index(signature.subgraphIndex, len(model.subgraphs), f"{where}, its subgraph")
    tensors = len(model.subgraphs[signature.subgraphIndex].tensors)
    for name in ("inputs", "outputs"):
        entries = getattr(signature, name)
        check.that(entries is None or _all_present(entries), f"{where}, list `{name}`", "a list without gaps", None)
        for entry in entries or ():
            check.that(entry.name is not None, f"{where}, list `{name}`", "names", None)
            check.name(entry.name, f"{where}, list `{name}`")
            check.index(entry.tensorIndex, tensors, f"{where}, list `{name}`")
