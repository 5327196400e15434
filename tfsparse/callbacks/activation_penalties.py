# SPDX-License-Identifier: Apache-2.0
"""Adds penalties on activations to the loss of a model that is being trained, and takes them off again."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Any

import keras
from keras import ops

from tfsparse.errors import InvalidArgumentError, UnsupportedModelError

Regularizer = Callable[[Any], Any]
_ATTRIBUTE = "activation_penalties"


class PenaltyState(keras.metrics.Metric):
    """Weights of the penalties, and running sums of what they come to.

    It is a metric because only trainable weights, other weights and metrics go in and out of a training step on every
    backend, and metrics alone are no part of the model that is saved. `reset_state`, which `fit` calls before each
    epoch, also sets the weights to zero: penalties that an interrupted `fit` left behind do nothing in the next one.
    """

    def __init__(self, size: int) -> None:
        super().__init__(name=_ATTRIBUTE, dtype="float32")
        self.weights_of_layers = keras.Variable(
            ops.zeros(size), trainable=False, name="weights_of_layers", aggregation="only_first_replica"
        )
        self.penalties = self.add_variable((size,), initializer="zeros", name="penalties")
        self.zeros = self.add_variable((size,), initializer="zeros", name="zeros")
        self.batches = self.add_variable((), initializer="zeros", name="batches")

    def update_state(self, penalties: Any, zeros: Any) -> None:
        """Takes in the penalty and the share of zeros of each layer in one batch."""
        self.penalties.assign_add(ops.stop_gradient(penalties))
        self.zeros.assign_add(zeros)
        self.batches.assign_add(1.0)

    def result(self) -> dict[str, Any]:
        return {}  # the callback writes the logs: Keras would do so in evaluation too

    def save_own_variables(self, store: Any) -> None:
        pass

    def load_own_variables(self, store: Any) -> None:
        pass


class ActivationPenalties:
    """Penalties on what some layers of a model return, in the loss of its training steps.

    Each call of a layer adds `weight * regularizer(outputs) / batch size`, computed in float32. The calls of the layers
    and of the loss are stood in for as long as this is attached; layers, weights and configurations stay what they are.

    Args:
        model: A compiled model.
        layers: Layers or operations by path, at least one.
        regularizer: Takes a tensor, returns a number: the sum over its samples.

    Raises:
        UnsupportedModelError: The model takes no new metrics.
        InvalidArgumentError: Another one is attached already for the same `fit`.
    """

    def __init__(self, model: keras.Model, layers: Mapping[str, keras.Operation], regularizer: Regularizer) -> None:
        self.model = model
        self.layers = dict(layers)
        self.used = False
        self.added = False
        self._regularizer = regularizer
        self._of_this_pass = threading.local()  # replicas of one model are traced by a thread each
        strategy = getattr(model, "distribute_strategy", None)
        with strategy.scope() if strategy else nullcontext():
            self.state = PenaltyState(len(self.layers))
        self._replicas = strategy.num_replicas_in_sync if strategy else 1
        self._attach()

    def _attach(self) -> None:
        left = getattr(self.model, _ATTRIBUTE, None)
        if left and not left[0].owner.used:
            raise InvalidArgumentError(
                "Two callbacks regularize the activations of one model.",
                expected="one ActivationRegularization in a fit",
                remedy="Give one of them all layers, or run one fit after the other.",
            )
        if left:  # an interrupted fit did not take them off
            left[0].owner.detach()
        self.state.owner = self
        try:
            setattr(self.model, _ATTRIBUTE, [self.state])
        except ValueError as error:
            raise UnsupportedModelError(
                f"Model '{self.model.name}' takes no more state: {error}",
                expected="a Sequential or Functional model",
                remedy="Wrap it: x = keras.Input(...); keras.Model(x, model(x)).",
            ) from error
        for position, layer in enumerate(self.layers.values()):
            layer.call = self._penalized_call(layer, position)
        self.model.call = self._starting_pass(self.model.call)
        self.model.compute_loss = self._penalized_loss(self.model.compute_loss)
        self._forget_compiled()

    def detach(self) -> None:
        """Puts everything back."""
        for layer in self.layers.values():
            del layer.call
        del self.model.call
        del self.model.compute_loss
        getattr(self.model, _ATTRIBUTE).remove(self.state)
        delattr(self.model, _ATTRIBUTE)
        self._forget_compiled()

    def _forget_compiled(self) -> None:
        self.model.make_train_function(force=True)
        self.model.test_function = self.model.predict_function = None

    def _starting_pass(self, call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def started(*args: Any, **kwargs: Any) -> Any:
            self._of_this_pass.found = []
            return call(*args, **kwargs)

        return started

    def _penalized_call(self, layer: keras.Operation, position: int) -> Callable[..., Any]:
        call = layer.call

        @functools.wraps(call)
        def penalized(*args: Any, **kwargs: Any) -> Any:
            outputs = call(*args, **kwargs)
            for output in keras.tree.flatten(outputs):
                values = ops.cast(output, "float32")
                penalty = self._regularizer(values) / ops.cast(ops.shape(values)[0], "float32")
                self._of_this_pass.__dict__.setdefault("found", []).append((position, penalty, _zeros(output)))
            return outputs

        return penalized

    def _penalized_loss(self, compute_loss: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(compute_loss)
        def penalized(*args: Any, **kwargs: Any) -> Any:
            loss = compute_loss(*args, **kwargs)
            training = kwargs.get("training", len(args) < 5 or args[4])
            found, self._of_this_pass.found = self._of_this_pass.__dict__.get("found", []), []
            return loss + self._total(found) if training else loss

        return penalized

    def _total(self, found: list[tuple[int, Any, Any]]) -> Any:
        if not found:
            raise UnsupportedModelError(
                "The training step computed the loss without calling the layers whose activations are regularized.",
                expected="a forward pass of the model before its compute_loss()",
            )
        self.added = True
        calls = [[each for each in found if each[0] == position] for position in range(len(self.layers))]
        penalties = ops.stack([sum((each[1] for each in of_layer), ops.zeros(())) for of_layer in calls])
        zeros = [sum((each[2] for each in of_layer), ops.zeros(())) / max(1, len(of_layer)) for of_layer in calls]
        self.state.update_state(penalties, ops.stack(zeros))
        return ops.sum(ops.convert_to_tensor(self.state.weights_of_layers) * penalties) / self._replicas


def _zeros(tensor: Any) -> Any:
    return ops.mean(ops.cast(ops.equal(tensor, 0), "float32"))
