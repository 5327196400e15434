# SPDX-License-Identifier: Apache-2.0
"""The graph of a model: which layer call reads which values, through nested models and shared layers."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import keras

from tfsparse.analysis.models import as_functional, has_graph, require_graph

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Call:
    """One call of one layer (or of a bare Keras operation) in the graph of a model.

    Args:
        path: Name of the layer, with the names of the nested models that it lies in: `"backbone/conv"`.
        layer: The layer or operation itself.
        index: How often the layer had been called before, in the whole model; the same order as in a forward pass.
        position: How often it had been called before in the same pass through the model that holds it.
        scope: Number of that pass: two calls see one another's values directly only in the same one.
        inputs: Numbers of the values that it reads, in the order of its arguments.
        outputs: Numbers of the values that it makes.
    """

    path: str
    layer: keras.Operation
    index: int
    position: int
    scope: int
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """Every call of a model in the order in which they run, and the values between them.

    Args:
        calls: The calls; those of nested models are listed in place of the call of the nested model.
        inputs: Numbers of the values that the model is fed with.
        outputs: Numbers of the values that it returns.
        shapes: Shape of each value, its batch axis included.
    """

    calls: tuple[Call, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    shapes: dict[int, Shape] = field(repr=False)

    @cached_property
    def _producers(self) -> dict[int, Call]:
        return {value: call for call in self.calls for value in call.outputs}

    @cached_property
    def _consumers(self) -> dict[int, list[Call]]:
        consumers: dict[int, list[Call]] = defaultdict(list)
        for call in self.calls:
            for value in dict.fromkeys(call.inputs):
                consumers[value].append(call)
        return consumers

    def producer(self, value: int) -> Call | None:
        """The call that makes `value`; `None` for a value that the model is fed with."""
        return self._producers.get(value)

    def consumers(self, value: int) -> list[Call]:
        """The calls that read `value`."""
        return self._consumers.get(value, [])


def trace(model: keras.Model) -> Graph:
    """Reads the graph of a Sequential or Functional model; nothing is computed and the model stays as it is.

    Args:
        model: The model; nested Sequential and Functional models are looked into, other layers are not.

    Raises:
        UnsupportedModelError: The model's connections cannot be read (subclassed, or without shapes).

    Example:

    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, name="a"), keras.layers.Dense(2, name="b")])
    >>> [(call.path, call.inputs, call.outputs) for call in trace(model).calls]
    [('a', (0,), (1,)), ('b', (1,), (2,))]
    """
    tracer = _Tracer()
    view = as_functional(require_graph(model))
    inputs = [tracer.number(tensor) for tensor in view.inputs]
    outputs = tracer.run(view, inputs, prefix="")
    return Graph(tuple(tracer.calls), tuple(inputs), tuple(outputs), tracer.shapes)


class _Probe(keras.Operation):
    """Stands for a layer while its graph is traced, so that the layer itself never sees the trace."""

    def __init__(self, layer: keras.Operation) -> None:
        super().__init__()
        self.layer = layer

    def compute_output_spec(self, *args: Any, **kwargs: Any) -> Any:
        return self.layer.compute_output_spec(*args, **kwargs)


class _Tracer:
    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.shapes: dict[int, Shape] = {}
        self._numbers: dict[int, int] = {}
        self._tensors: list[keras.KerasTensor] = []  # kept alive: their ids are keys
        self._paths: dict[int, str] = {}
        self._calls_of: Counter[int] = Counter()
        self._scopes = 0

    def number(self, tensor: keras.KerasTensor) -> int:
        if id(tensor) not in self._numbers:
            self._name(tensor, len(self.shapes))
        return self._numbers[id(tensor)]

    def _name(self, tensor: keras.KerasTensor, number: int) -> None:
        self._tensors.append(tensor)
        self._numbers[id(tensor)] = number
        self.shapes.setdefault(number, tuple(tensor.shape))

    def run(self, view: keras.Model, arguments: list[int], prefix: str) -> list[int]:
        fresh = [
            keras.Input(batch_shape=self.shapes[number], dtype=tensor.dtype, name=f"traced_{index}")
            for index, (tensor, number) in enumerate(zip(view.inputs, arguments, strict=True))
        ]
        for tensor, number in zip(fresh, arguments, strict=True):
            self._name(tensor, number)
        traced = keras.models.clone_model(
            view,
            input_tensors=fresh,
            clone_function=lambda layer: layer,
            call_function=self._recorder(prefix),
        )
        return [self.number(tensor) for tensor in traced.outputs]

    def _recorder(self, prefix: str) -> Callable[..., Any]:
        scope = self._scopes
        self._scopes += 1
        positions: Counter[int] = Counter()

        def record(layer: keras.Operation, *args: Any, **kwargs: Any) -> Any:
            result = _Probe(layer)(*args, **kwargs)
            inputs = [self.number(t) for t in keras.tree.flatten((args, kwargs)) if isinstance(t, keras.KerasTensor)]
            outputs = keras.tree.flatten(result)
            path = self._paths.setdefault(id(layer), prefix + layer.name)
            if has_graph(layer):
                inner = self.run(as_functional(layer), inputs, path + "/")
                for tensor, number in zip(outputs, inner, strict=True):
                    self._name(tensor, number)
                return result
            numbers = tuple(self.number(tensor) for tensor in outputs)
            index, position = self._calls_of[id(layer)], positions[id(layer)]
            self.calls.append(Call(path, layer, index, position, scope, tuple(inputs), numbers))
            self._calls_of[id(layer)] += 1
            positions[id(layer)] += 1
            return result

        return record
