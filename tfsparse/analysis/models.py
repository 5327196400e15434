# SPDX-License-Identifier: Apache-2.0
"""What kinds of models there are, and which of them can be looked into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import keras

from tfsparse.errors import InvalidArgumentError, UnsupportedModelError

_ELEMENTWISE = (
    keras.layers.Normalization,
    keras.layers.BatchNormalization,
    keras.layers.LayerNormalization,
    keras.layers.GroupNormalization,
    keras.layers.PReLU,
)
"""Layers whose weights only scale and shift, whatever their rank."""


def require_keras_model(model: Any) -> keras.Model:
    """Returns `model`, or raises if it is no Keras 3 model.

    Raises:
        UnsupportedModelError: `model` is of Keras 2 (`tf_keras`).
        InvalidArgumentError: `model` is no Keras model at all.
    """
    if isinstance(model, keras.Model):
        return model
    kind = type(model)
    if any(base.__module__.partition(".")[0] == "tf_keras" for base in kind.__mro__):
        raise UnsupportedModelError(
            "This is a model of Keras 2.",
            expected="a model of Keras 3",
            received=f"{kind.__module__}.{kind.__name__}",
            remedy="Save it with model.save('model.h5') and load that with keras.models.load_model of Keras 3.",
        )
    raise InvalidArgumentError("`model` is no model.", expected="a keras.Model", received=kind.__name__)


def has_graph(layer: Any) -> bool:
    """Whether `layer` is a Functional model, or a Sequential model that knows its input shape."""
    if isinstance(layer, keras.Sequential):
        return bool(getattr(layer, "inputs", None))
    return isinstance(layer, keras.Model) and isinstance(layer, keras.Function)


def require_graph(model: Any) -> keras.Model:
    """Returns `model`, or raises if its layers' connections cannot be read from it.

    Raises:
        UnsupportedModelError: `model` is of Keras 2, subclassed, or Sequential without an input shape.
        InvalidArgumentError: `model` is no Keras model at all.
    """
    require_keras_model(model)
    if has_graph(model):
        return model
    if isinstance(model, keras.Sequential):
        raise UnsupportedModelError(
            f"Sequential model '{model.name}' has no shapes yet.",
            remedy="Start it with keras.Input(shape), or call model.build(input_shape).",
        )
    raise UnsupportedModelError(
        f"Model '{model.name}' is subclassed: how its layers are connected is only known to its call().",
        expected="a Sequential or Functional model",
        received=type(model).__name__,
        remedy="Build it from keras.Input and layers, or put tfsparse.layers.WTADropout into its call() by hand.",
    )


def as_functional(model: keras.Model) -> keras.Model:
    """A plain Functional model over the same layers: no subclass, not compiled, its inputs and outputs flat lists.

    It adds nothing to the layers.
    """
    return keras.Model(list(model.inputs), list(model.outputs), name=model.name)


def weight_matrices(layer: Any, weights: Iterable[keras.Variable]) -> list[keras.Variable]:
    """Those of a layer's `weights` that mix or look up values: rank 2 and more, none of normalization and PReLU."""
    if isinstance(layer, _ELEMENTWISE):
        return []
    return [weight for weight in weights if len(weight.shape) >= 2]


def named_layers(model: keras.Model) -> dict[str, keras.Layer]:
    """Every layer that can be reached from `model`, by its path: `"conv"`, or `"backbone/conv"` in a nested model.

    Layers that a custom layer, a wrapper or a subclassed model holds in its attributes are reached too, but not the
    cells of recurrent layers: they run inside a loop. A layer that can be reached on several ways has the name of the
    first; models are not listed themselves.
    """
    found: dict[str, keras.Layer] = {}
    seen: set[int] = set()

    def visit(parent: keras.Layer, prefix: str) -> None:
        for layer in _children(parent):
            if id(layer) in seen:
                continue
            seen.add(id(layer))
            path = prefix + layer.name
            if not isinstance(layer, keras.Model):
                found[_free_name(path, found)] = layer
            if not isinstance(layer, keras.layers.RNN):
                visit(layer, path + "/")

    visit(model, "")
    return found


def _children(parent: keras.Layer) -> Iterator[keras.Layer]:
    if isinstance(parent, keras.Model):
        yield from parent.layers
        return
    for value in vars(parent).values():
        for item in keras.tree.flatten(value):
            if isinstance(item, keras.Layer):
                yield item


def _free_name(path: str, taken: dict[str, keras.Layer]) -> str:
    if path not in taken:
        return path
    return next(name for name in (f"{path}_{count}" for count in range(1, len(taken) + 2)) if name not in taken)
