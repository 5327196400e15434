# SPDX-License-Identifier: Apache-2.0
"""Operators as a network is made of them, each a function that adds it to a graph and returns its output.

The weights of a layer are a pair of filter and bias. Padding is `"same"` or `"valid"`, as TensorFlow Lite computes it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.bench.models.builder import ModelBuilder
from tfsparse.winners import winner_count

Weights = tuple[np.ndarray, np.ndarray]

ABSENT = -1
"""Stands for an input that an operator does without."""

_ACTIVATIONS = {
    "none": schema.ActivationFunctionType.NONE,
    "relu": schema.ActivationFunctionType.RELU,
    "relu6": schema.ActivationFunctionType.RELU6,
}


def conv2d(
    builder: ModelBuilder,
    name: str,
    x: int,
    weights: Weights,
    stride: int = 1,
    activation: str = "relu",
    padding: str = "same",
) -> int:
    """CONV_2D with a filter `[O, KH, KW, C]`."""
    inputs = [x, *_constants(builder, name, weights)]
    output = builder.tensor(name, _map_shape(builder, x, stride, len(weights[0]), weights[0].shape[1], padding))
    builder.builtin("CONV_2D", inputs, [output], _spatial(schema.Conv2DOptionsT(), stride, padding, activation))
    return output


def depthwise_conv2d(
    builder: ModelBuilder, name: str, x: int, weights: Weights, stride: int = 1, activation: str = "relu"
) -> int:
    """DEPTHWISE_CONV_2D with a filter `[1, KH, KW, C]`, one output channel for each input channel."""
    inputs = [x, *_constants(builder, name, weights)]
    output = builder.tensor(name, _map_shape(builder, x, stride, builder.shape(x)[-1]))
    options = _spatial(schema.DepthwiseConv2DOptionsT(), stride, "same", activation)
    options.depthMultiplier = 1
    builder.builtin("DEPTHWISE_CONV_2D", inputs, [output], options)
    return output


def max_pool(builder: ModelBuilder, x: int, size: int, stride: int, padding: str = "same") -> int:
    """MAX_POOL_2D with a square window."""
    options = _spatial(schema.Pool2DOptionsT(), stride, padding, "none")
    options.filterHeight = options.filterWidth = size
    output = builder.tensor("pool", _map_shape(builder, x, stride, builder.shape(x)[-1], size, padding))
    builder.builtin("MAX_POOL_2D", [x], [output], options)
    return output


def spatial_mean(builder: ModelBuilder, x: int) -> int:
    """MEAN over height and width."""
    batch, *_, channels = builder.shape(x)
    output = builder.tensor("mean", (batch, channels))
    axes = builder.constant("mean/axes", np.array([1, 2], np.int32))
    builder.builtin("MEAN", [x, axes], [output], schema.ReducerOptionsT())
    return output


def add(builder: ModelBuilder, x: int, y: int, activation: str = "relu") -> int:
    """ADD of two tensors of one shape."""
    options = schema.AddOptionsT()
    options.fusedActivationFunction = _ACTIVATIONS[activation]
    output = builder.tensor("sum", builder.shape(x))
    builder.builtin("ADD", [x, y], [output], options)
    return output


def flatten(builder: ModelBuilder, x: int) -> int:
    """RESHAPE of each sample to a vector."""
    shape = (builder.shape(x)[0], math.prod(builder.shape(x)[1:]))
    inputs = [x, builder.constant("flat/shape", np.array(shape, np.int32))]
    output = builder.tensor("flat", shape)
    builder.builtin("RESHAPE", inputs, [output], schema.ReshapeOptionsT())
    return output


def fully_connected(builder: ModelBuilder, name: str, x: int, weights: Weights, activation: str = "relu") -> int:
    """FULLY_CONNECTED with weights `[O, I]` over all of a sample."""
    options = schema.FullyConnectedOptionsT()
    options.fusedActivationFunction = _ACTIVATIONS[activation]
    inputs = [x, *_constants(builder, name, weights)]
    output = builder.tensor(name, (builder.shape(x)[0], len(weights[0])))
    builder.builtin("FULLY_CONNECTED", inputs, [output], options)
    return output


def select_winners(builder: ModelBuilder, name: str, x: int, rate: float) -> int:
    """The winners among the channels (of a vector: the neurons) of `x`."""
    batch, channels = builder.shape(x)[0], builder.shape(x)[-1]
    winners = winner_count(rate, channels)
    output = builder.tensor(f"{name}/winners", (batch, winners), np.int32)
    builder.winner(ops.SelectWinners(name, winners, rate, "max", "channel"), [x], [output])
    return output


def winner_conv2d(
    builder: ModelBuilder,
    name: str,
    x: int,
    winners: int,
    weights: Weights,
    stride: int = 1,
    activation: str = "relu",
    kernel: str = "auto",
    skip_zeros: bool = False,
) -> int:
    """`conv2d` over the winners alone, or over every channel if these are `ABSENT`.

    `kernel` and `skip_zeros` are options of the operator.
    """
    inputs = [x, winners, *_constants(builder, name, weights)]
    output = builder.tensor(name, _map_shape(builder, x, stride, len(weights[0])))
    builder.winner(
        ops.WinnerConv2D(name, stride, stride, 1, 1, "same", activation, kernel, skip_zeros), inputs, [output]
    )
    return output


def winner_separable_conv2d(
    builder: ModelBuilder,
    name: str,
    x: int,
    winners: int,
    depthwise: Weights,
    weights: Weights,
    stride: int = 1,
    activation: str = "relu",
    pointwise_activation: str = "relu",
) -> int:
    """`depthwise_conv2d` of the winners and the pointwise `conv2d` behind it."""
    filters = [
        builder.constant(f"{name}/depthwise/filter", depthwise[0]),
        builder.constant(f"{name}/filter", weights[0]),
    ]
    biases = [builder.constant(f"{name}/depthwise/bias", depthwise[1]), builder.constant(f"{name}/bias", weights[1])]
    output = builder.tensor(name, _map_shape(builder, x, stride, len(weights[0])))
    options = ops.WinnerSeparableConv2D(name, stride, stride, 1, 1, "same", activation, pointwise_activation)
    builder.winner(options, [x, winners, *filters, *biases], [output])
    return output


def winner_fully_connected(
    builder: ModelBuilder, name: str, x: int, winners: int, weights: Weights, activation: str = "relu"
) -> int:
    """`fully_connected` over the winners alone."""
    inputs = [x, winners, *_constants(builder, name, weights)]
    output = builder.tensor(name, (builder.shape(x)[0], len(weights[0])))
    channels = builder.shape(x)[-1]
    builder.winner(ops.WinnerFullyConnected(name, channels, activation, keep_num_dims=False), inputs, [output])
    return output


def _spatial(options: Any, stride: int, padding: str, activation: str) -> Any:
    """Fills in what convolutions and pooling have in common."""
    options.padding = schema.Padding.SAME if padding == "same" else schema.Padding.VALID
    options.strideH = options.strideW = stride
    options.fusedActivationFunction = _ACTIVATIONS[activation]
    return options


def _map_shape(
    builder: ModelBuilder, x: int, stride: int, channels: int, window: int = 1, padding: str = "same"
) -> tuple[int, ...]:
    batch, height, width, _ = builder.shape(x)
    lost = 0 if padding == "same" else window - 1
    return batch, math.ceil((height - lost) / stride), math.ceil((width - lost) / stride), channels


def _constants(builder: ModelBuilder, name: str, weights: Weights) -> tuple[int, int]:
    return builder.constant(f"{name}/filter", weights[0]), builder.constant(f"{name}/bias", weights[1])
