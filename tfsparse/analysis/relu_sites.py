# SPDX-License-Identifier: Apache-2.0
"""Where a model makes zeros by ReLU: layers of that kind, layers with it built in, and bare operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from tfsparse.analysis.graph import trace
from tfsparse.analysis.models import has_graph, named_layers, require_keras_model
from tfsparse.errors import InvalidArgumentError
from tfsparse.layers import FATReLU
from tfsparse.pruning.kernels import names

_PLAIN = (keras.activations.relu, keras.ops.relu)
_CUT_OFF = (keras.activations.relu6, keras.ops.relu6)


def relu_sites(model: keras.Model) -> dict[str, keras.Operation]:
    """Everything in a model that returns the output of a ReLU, by its path.

    These are `ReLU` (without a slope), `FATReLU` and `Activation` layers, layers with `activation="relu"` or `"relu6"`,
    and, in models whose graph can be read, bare operations such as `keras.ops.relu`. Recurrent layers are not among
    them: their activation function is not the last thing that they do.

    Args:
        model: A Keras 3 model of any kind; nested models are looked into.

    Returns:
        Layers and operations by path, `"backbone/conv"` in a nested model.

    Raises:
        UnsupportedModelError: `model` is of Keras 2.
        InvalidArgumentError: `model` is no model at all.

    Example:

    >>> layers = [keras.layers.Dense(3, activation="relu", name="fc"), keras.layers.Dense(2, name="logits")]
    >>> list(relu_sites(keras.Sequential([keras.Input((4,)), *layers])))
    ['fc']
    """
    found: dict[str, keras.Operation] = dict(named_layers(require_keras_model(model)))
    if has_graph(model):
        bare = [call for call in trace(model).calls if not isinstance(call.layer, keras.Layer)]
        found.update((call.path, call.layer) for call in bare)
    return {path: layer for path, layer in found.items() if ends_in_relu(layer)}


def chosen_layers(model: keras.Model, patterns: Sequence[str] | None) -> dict[str, keras.Operation]:
    """The layers that `patterns` (names, paths or shell patterns) name, or those that end in a ReLU.

    Raises:
        InvalidArgumentError: A pattern fits no layer, or there is no ReLU.
    """
    sites = relu_sites(model)
    if patterns is None:
        if not sites:
            raise InvalidArgumentError(
                f"Model '{model.name}' has no ReLU.", remedy="Name the layers: layers=['...', '...']."
            )
        return sites
    everything: dict[str, keras.Operation] = {**named_layers(model), **sites}
    for pattern in patterns:
        if not any(names(pattern, path) for path in everything):
            raise InvalidArgumentError(
                f"No layer is named '{pattern}'.", expected=f"one of {', '.join(everything)}", received=pattern
            )
    return {path: layer for path, layer in everything.items() if any(names(each, path) for each in patterns)}


def ends_in_relu(layer: Any) -> bool:
    """Whether what `layer` returns went through a ReLU last, of whatever threshold or maximum."""
    if isinstance(layer, keras.layers.ReLU):
        return layer.negative_slope == 0
    if not isinstance(layer, keras.Layer):
        return _bare_name(layer) in ("Relu", "Relu6")
    if isinstance(layer, keras.layers.RNN):
        return False
    return isinstance(layer, FATReLU) or getattr(layer, "activation", None) in (*_PLAIN, *_CUT_OFF)


def is_plain_relu(layer: Any) -> bool:
    """Whether `layer` is a ReLU of threshold 0 without a maximum and nothing else."""
    if isinstance(layer, keras.layers.ReLU):
        return layer.negative_slope == 0 and layer.threshold == 0 and layer.max_value is None
    if not isinstance(layer, keras.Layer):
        return _bare_name(layer) == "Relu"
    return isinstance(layer, keras.layers.Activation) and layer.activation in _PLAIN


def has_plain_relu_built_in(layer: Any) -> bool:
    """Whether `layer` does something of its own and then a plain ReLU: `Conv2D(..., activation="relu")`."""
    own = isinstance(layer, keras.Layer) and not isinstance(layer, keras.layers.Activation | keras.layers.RNN)
    return own and getattr(layer, "activation", None) in _PLAIN


def _bare_name(operation: Any) -> str:
    # Keras has no public names for the classes of bare operations.
    return type(operation).__name__
