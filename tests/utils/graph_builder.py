# SPDX-License-Identifier: Apache-2.0
"""Builds graphs for the passes: builtin operators around a marker or a mask, and what the graph computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tests.utils.tflite_builder import ABSENT, ModelBuilder, encode
from tfsparse import Interpreter, ops
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import read_model, serialize


class GraphBuilder(ModelBuilder):
    """A `ModelBuilder` that knows builtin operators and the operators around winners."""

    def builtin(self, name: str, inputs: Sequence[int], shape: Sequence[int], options: Any = None) -> int:
        """Adds an operator by its name in the schema; returns its output tensor of the given shape."""
        output = self.tensor(shape)
        code = getattr(schema.BuiltinOperator, name)
        operator = self._add(
            schema.OperatorCodeT(builtinCode=code, deprecatedBuiltinCode=min(code, 127), version=1), inputs, [output]
        )
        if options is not None:
            operator.builtinOptions = options
            operator.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__.removesuffix("T"))
        return output

    def marker(self, x: int, winners: int, unit: str = "channel") -> int:
        """Adds a marker behind `x`; returns its output."""
        output = self.tensor(self.shape(x))
        options = {"layer": "wta", "winners": winners, "winner_rate": 0.5, "score": "max", "unit": unit}
        self.custom(ops.WTA_MARKER, [x], [output], encode(options))
        return output

    def mask(self, x: int, winners: int, unit: str = "channel", score: str = "max") -> int:
        """Adds a selection and a mask behind `x`; returns the masked tensor."""
        indices, output = self.tensor([self.shape(x)[0], winners], np.int32), self.tensor(self.shape(x))
        self.winner_op(ops.SelectWinners("wta", winners, 0.5, score, unit), [x], [indices])
        self.winner_op(ops.MaskWinners("wta", unit), [x, indices], [output])
        return output

    def conv2d(self, x: int, filters: np.ndarray, **changes: Any) -> int:
        """Adds a convolution, its bias zero, with stride 1 and padding SAME unless `changes` say otherwise."""
        options = schema.Conv2DOptionsT(
            padding=schema.Padding.SAME, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1
        )
        for key, value in changes.items():
            setattr(options, key, value)
        shape = [*self.shape(x)[:3], len(filters)]
        bias = self.constant(np.zeros(len(filters), np.float32))
        return self.builtin("CONV_2D", [x, self.constant(filters), bias], shape, options)

    def depthwise_conv2d(self, x: int, filters: np.ndarray, **changes: Any) -> int:
        """Adds a depthwise convolution with a random bias, stride 1 and padding SAME unless `changes` say otherwise."""
        options = schema.DepthwiseConv2DOptionsT(
            padding=schema.Padding.SAME, strideH=1, strideW=1, dilationHFactor=1, dilationWFactor=1, depthMultiplier=1
        )
        for key, value in changes.items():
            setattr(options, key, value)
        shape = [*self.shape(x)[:3], filters.shape[-1]]
        bias = self.constant(random(filters.shape[-1], seed=9))
        return self.builtin("DEPTHWISE_CONV_2D", [x, self.constant(filters), bias], shape, options)

    def fully_connected(self, x: int, weights: np.ndarray, rows: int, **changes: Any) -> int:
        """Adds a product with constant weights and no bias."""
        options = schema.FullyConnectedOptionsT()
        for key, value in changes.items():
            setattr(options, key, value)
        return self.builtin("FULLY_CONNECTED", [x, self.constant(weights), ABSENT], [rows, len(weights)], options)

    def reshape(self, x: int, shape: Sequence[int]) -> int:
        """Adds a RESHAPE to a constant shape."""
        return self.builtin("RESHAPE", [x, self.constant(np.array(shape, np.int32))], [abs(s) for s in shape])

    def shape(self, index: int) -> list[int]:
        return [int(size) for size in self._tensors[index].shape]

    def model(self, *outputs: int) -> schema.ModelT:
        """The finished model, read back."""
        return read_model(self.finish(list(outputs)))


def random(*shape: int, seed: int = 0) -> np.ndarray:
    """Normally distributed numbers."""
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def names(model: schema.ModelT) -> list[str]:
    """The operators in the order of execution, tfsparse's without their prefix."""
    return [graph.op_name(model, operator).removeprefix("TfSparse") for operator in model.subgraphs[0].operators]


def run(model: schema.ModelT, seed: int = 3) -> np.ndarray:
    """What the model computes of random numbers; its first output."""
    interpreter = Interpreter(serialize(model))
    result = interpreter.predict(random(*interpreter.input_details[0]["shape"], seed=seed))
    return result[0] if isinstance(result, tuple) else result
