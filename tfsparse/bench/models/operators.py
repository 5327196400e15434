# SPDX-License-Identifier: Apache-2.0
"""Operators as a network is made of them, each a function that adds it to a graph and returns its output.

Padding is SAME everywhere; the weights of a layer are a pair of filter and bias.
"""

from __future__ import annotations

import math

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from tfsparse import ops
from tfsparse.bench.models.builder import ModelBuilder
from tfsparse.winners import winner_count

Weights = tuple[np.ndarray, np.ndarray]

_ACTIVATIONS = {
    "none": schema.ActivationFunctionType.NONE,
    "relu": schema.ActivationFunctionType.RELU,
    "relu6": schema.ActivationFunctionType.RELU6,
}


def conv2d(
    builder: ModelBuilder, name: str, x: int, weights: Weights, stride: int = 1, activation: str = "relu"
) -> int:
    """CONV_2D with a filter `[O, KH, KW, C]`."""
    options = schema.Conv2DOptionsT()
    options.padding, options.strideH, options.strideW = schema.Padding.SAME, stride, stride
    options.fusedActivationFunction = _ACTIVATIONS[activation]
    inputs = [x, *_constants(builder, name, weights)]
    output = builder.tensor(name, _map_shape(builder, x, stride, len(weights[0])))
    builder.builtin("CONV_2D", inputs, [output], options)
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
) -> int:
    """`conv2d` over the winners alone; `kernel` is the operator's option."""
    inputs = [x, winners, *_constants(builder, name, weights)]
    output = builder.tensor(name, _map_shape(builder, x, stride, len(weights[0])))
    builder.winner(ops.WinnerConv2D(name, stride, stride, 1, 1, "same", activation, kernel), inputs, [output])
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


def _map_shape(builder: ModelBuilder, x: int, stride: int, channels: int) -> tuple[int, ...]:
    batch, height, width, _ = builder.shape(x)
    return batch, math.ceil(height / stride), math.ceil(width / stride), channels


def _constants(builder: ModelBuilder, name: str, weights: Weights) -> tuple[int, int]:
    return builder.constant(f"{name}/filter", weights[0]), builder.constant(f"{name}/bias", weights[1])
