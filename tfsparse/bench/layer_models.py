# SPDX-License-Identifier: Apache-2.0
"""Models of one convolution each: the dense one, and its twin that computes the winners alone."""

from __future__ import annotations

import csv
import importlib.resources
from dataclasses import dataclass

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.conversion.flatbuffer import serialize
from tfsparse.conversion.op_codec import encode_options
from tfsparse.winners import winner_count

_INPUT, _FILTER, _BIAS, _OUTPUT, _WINNERS = range(5)
_SCHEMA_VERSION = 3


@dataclass(frozen=True)
class ConvShape:
    """A convolution with square kernels and SAME padding: `[1, height, width, channels]` → `outputs` channels."""

    network: str
    layer: str
    height: int
    width: int
    channels: int
    outputs: int
    kernel: int
    stride: int

    @property
    def input_shape(self) -> tuple[int, int, int, int]:
        """Shape of the input, NHWC."""
        return (1, self.height, self.width, self.channels)

    @property
    def output_shape(self) -> tuple[int, int, int, int]:
        """Shape of the output, NHWC."""
        return (1, -(-self.height // self.stride), -(-self.width // self.stride), self.outputs)


def load_shapes() -> list[ConvShape]:
    """The convolutions of AlexNet, ResNet-18 and MobileNet (pointwise) whose inputs can be sparse.

    Example:

    >>> load_shapes()[0]
    ConvShape(network='alexnet', layer='conv2', height=27, width=27, channels=96, outputs=256, kernel=5, stride=1)
    """
    table = (importlib.resources.files("tfsparse.bench") / "layer_shapes.csv").read_text().splitlines()
    return [
        ConvShape(row.pop("network"), row.pop("layer"), **{key: int(value) for key, value in row.items()})
        for row in csv.DictReader(table)
    ]


def dense_conv(shape: ConvShape, seed: int = 0) -> bytes:
    """A `.tflite` model of one CONV_2D with random weights and ReLU."""
    options = schema.Conv2DOptionsT()
    options.padding = schema.Padding.SAME
    options.strideH = options.strideW = shape.stride
    options.fusedActivationFunction = schema.ActivationFunctionType.RELU
    conv = _operator(0, [_INPUT, _FILTER, _BIAS], [_OUTPUT])
    conv.builtinOptionsType = schema.BuiltinOptions.Conv2DOptions
    conv.builtinOptions = options
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CONV_2D
    return _model([code], [conv], _tensors(shape), _weights(shape, seed))


def winner_conv(shape: ConvShape, rate: float, seed: int = 0) -> bytes:
    """The same convolution as `dense_conv` over the winners alone, the selection included."""
    winners = winner_count(rate, shape.channels)
    select = _winner_operator(0, [_INPUT], [_WINNERS], ops.SelectWinners("conv", winners, rate, "max", "channel"))
    conv = _winner_operator(
        1,
        [_INPUT, _WINNERS, _FILTER, _BIAS],
        [_OUTPUT],
        ops.WinnerConv2D("conv", shape.stride, shape.stride, 1, 1, "same", "relu"),
    )
    codes = [_winner_code(ops.SelectWinners.NAME), _winner_code(ops.WinnerConv2D.NAME)]
    indices = _tensor("winners", (1, winners), schema.TensorType.INT32)
    return _model(codes, [select, conv], [*_tensors(shape), indices], _weights(shape, seed))


def random_input(shape: ConvShape, seed: int = 0) -> np.ndarray:
    """Positive random numbers: no channel is zero, so that exactly the asked share of them wins."""
    return np.random.default_rng(seed).uniform(0.1, 1.0, shape.input_shape).astype(np.float32)


def _weights(shape: ConvShape, seed: int) -> list[np.ndarray]:
    generator = np.random.default_rng(seed)
    taps = shape.kernel * shape.kernel * shape.channels
    filters = generator.normal(0.0, taps**-0.5, (shape.outputs, shape.kernel, shape.kernel, shape.channels))
    return [filters.astype(np.float32), generator.normal(0.0, 0.1, shape.outputs).astype(np.float32)]


def _tensors(shape: ConvShape) -> list[schema.TensorT]:
    sizes = {
        "input": shape.input_shape,
        "filter": (shape.outputs, shape.kernel, shape.kernel, shape.channels),
        "bias": (shape.outputs,),
        "output": shape.output_shape,
    }
    tensors = [_tensor(name, size, schema.TensorType.FLOAT32) for name, size in sizes.items()]
    tensors[_FILTER].buffer, tensors[_BIAS].buffer = 1, 2
    return tensors


def _tensor(name: str, shape: tuple[int, ...], type_: int) -> schema.TensorT:
    tensor = schema.TensorT()
    tensor.name, tensor.shape, tensor.type = name, np.asarray(shape, np.int32), type_
    return tensor


def _operator(code: int, inputs: list[int], outputs: list[int]) -> schema.OperatorT:
    operator = schema.OperatorT()
    operator.opcodeIndex = code
    operator.inputs, operator.outputs = np.asarray(inputs, np.int32), np.asarray(outputs, np.int32)
    return operator


def _winner_operator(code: int, inputs: list[int], outputs: list[int], options: ops.WinnerOp) -> schema.OperatorT:
    operator = _operator(code, inputs, outputs)
    operator.customOptions = encode_options(options)
    operator.customOptionsFormat = schema.CustomOptionsFormat.FLEXBUFFERS
    return operator


def _winner_code(name: str) -> schema.OperatorCodeT:
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version = name, ops.OP_VERSION
    return code


def _model(
    codes: list[schema.OperatorCodeT],
    operators: list[schema.OperatorT],
    tensors: list[schema.TensorT],
    constants: list[np.ndarray],
) -> bytes:
    graph = schema.SubGraphT()
    graph.tensors, graph.operators = tensors, operators
    graph.inputs, graph.outputs = np.asarray([_INPUT], np.int32), np.asarray([_OUTPUT], np.int32)
    model = schema.ModelT()
    model.version, model.operatorCodes, model.subgraphs = _SCHEMA_VERSION, codes, [graph]
    model.buffers = [schema.BufferT() for _ in range(1 + len(constants))]
    for buffer, constant in zip(model.buffers[1:], constants, strict=True):
        buffer.data = constant.reshape(-1).view(np.uint8)
    return serialize(model)
