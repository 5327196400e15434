# SPDX-License-Identifier: Apache-2.0
"""Pairs of a depthwise convolution and the pointwise one that alone reads it, as in MobileNet."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from tfsparse.analysis.graph import Call, Graph
from tfsparse.analysis.zeros import is_identity

_FUSED_FUNCTIONS = (keras.activations.linear, keras.activations.relu, keras.activations.relu6)


def depthwise_before(call: Call, graph: Graph) -> Call | None:
    """The depthwise convolution that makes a pair with a pointwise one.

    Between the two may stand what becomes part of the first in a `.tflite` file: a batch normalization, then an
    activation function that clamps. Nothing else may read the values in between.

    Args:
        call: A call of any layer.
        graph: The graph that it is in.

    Returns:
        The call of the depthwise convolution; `None` if there is none, or `call` is no pointwise convolution.
    """
    if not _is_pointwise(call.layer):
        return None
    between: list[Any] = []  # the last first
    current = _only_producer(call, graph)
    while current is not None and not isinstance(current.layer, layers.DepthwiseConv2D):
        if not is_identity(current.layer):
            between.append(current.layer)
        current = _only_producer(current, graph)
    return current if current is not None and _becomes_part(current.layer, between) else None


def _becomes_part(depthwise: Any, between: list[Any]) -> bool:
    if between and depthwise.activation is not keras.activations.linear:
        return False
    normalizations = between[1:] if between and _is_activation(between[0]) else between
    return _is_fused(depthwise) and all(isinstance(layer, layers.BatchNormalization) for layer in normalizations)


def _is_pointwise(layer: Any) -> bool:
    return isinstance(layer, layers.Conv2D) and layer.kernel_size == (1, 1) and layer.strides == (1, 1)


def _only_producer(call: Call, graph: Graph) -> Call | None:
    """What makes the input of a call that nothing else reads."""
    value = call.inputs[0]
    alone = len(call.inputs) == 1 and len(graph.consumers(value)) == 1 and value not in graph.outputs
    return graph.producer(value) if alone else None


def _is_fused(layer: Any) -> bool:
    return layer.activation in _FUSED_FUNCTIONS


def _is_activation(layer: Any) -> bool:
    if isinstance(layer, layers.ReLU):
        return layer.threshold == 0 and layer.negative_slope == 0 and layer.max_value in (None, 6)
    return isinstance(layer, layers.Activation) and _is_fused(layer)
