# SPDX-License-Identifier: Apache-2.0
"""Regularization of activations during `model.fit`."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import ops

from tfsparse.analysis.relu_sites import chosen_layers
from tfsparse.callbacks.activation_penalties import ActivationPenalties
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError

Weight = float | Mapping[str, float]


class ActivationRegularization(keras.callbacks.Callback):
    """Adds a penalty on the activations of chosen layers to the loss while a model trains:

        loss = loss(x, y) + sum over layers l of weight[l] * R(a[l]) / batch size

    where a[l] is what layer l returns, after its activation function, and R sums over all its values. A layer that is
    called several times adds one term per call. R is computed in float32, whatever the layers compute in.

    The model stays as it is: after `fit`, and in every checkpoint on the way, its layers have no regularizer. The loss
    of evaluation and validation is that without penalties. The logs of an epoch get `activation_penalty`, the sum of
    `weight[l] * R(a[l])`, averaged over the batches. Weights can change between batches; nothing is compiled again for
    that. On a CPU, a step of LeNet-4 costs 10 % more with l1 and 28 % with `TransformedL1`, zeros counted
    (`python -m tests.benchmarks.training_step --method tl1`).

    If `fit` is interrupted, the next one starts anew, with or without this callback: nothing is left behind that acts.

    Args:
        regularizer: Penalty of a tensor, such as `tfsparse.regularizers.TransformedL1(1e-5, 1.0)`, `HoyerSquare` or
            `keras.regularizers.L1`; any function of a tensor whose sum over the samples it returns.
        layers: Names, paths or shell patterns (`"conv*"`, `"backbone/*"`) of layers. `None`: all that end in a ReLU,
            see `tfsparse.surgery.relu_sites`.
        weight: Factor of the penalty, a finite number, 0 or more; or a dict of them by path of the layer; or a function
            that gives one or the other for the number of an epoch. Settable during training by `set_weights`.

    Raises:
        InvalidArgumentError: `weight` is out of its range, a pattern fits no layer, the model has no ReLU, or two of
            these callbacks are in one `fit`.
        UnsupportedModelError: The model is subclassed and takes no more state, or computes its loss without its layers.

    Example:

    >>> fc = keras.layers.Dense(4, activation="relu", name="fc")
    >>> model = keras.Sequential([keras.Input((3,)), fc, keras.layers.Dense(1)])
    >>> model.compile("sgd", "mse")
    >>> callback = ActivationRegularization(keras.regularizers.L1(0.01))
    >>> history = model.fit(ops.ones((8, 3)), ops.ones((8, 1)), callbacks=[callback], verbose=0).history
    >>> sorted(history), callback.weights
    (['activation_penalty', 'loss'], {'fc': 1.0})

    Reference:
        "Dual sparse training framework: inducing activation map sparsity via Transformed l1 regularization", 2024,
        the loss of its section on training; Georgiadis, "Accelerating Convolutional Neural Networks via Activation
        Map Compression", CVPR 2019, eq. 4 (l1).
    """

    def __init__(
        self,
        regularizer: Callable[[Any], Any],
        layers: Sequence[str] | None = None,
        weight: Weight | Callable[[int], Weight] = 1.0,
    ) -> None:
        super().__init__()
        if not callable(regularizer):
            raise InvalidArgumentError(
                "`regularizer` is no regularizer.",
                expected="a function of a tensor, such as tfsparse.regularizers.TransformedL1(1e-5)",
                received=regularizer,
            )
        self._regularizer = regularizer
        self._patterns = [layers] if isinstance(layers, str) else layers
        self._weight = weight
        self._penalties: ActivationPenalties | None = None
        self._last: dict[str, Any] | None = None
        self.weights: dict[str, float] = {}
        """The weights of this epoch by the path of the layer, from the start of training on."""
        if not callable(weight):
            for value in weight.values() if isinstance(weight, Mapping) else [weight]:
                _check_weight(value)

    def set_weights(self, weight: Weight) -> None:
        """Sets the weight of all layers, or those of some by their paths, from the next batch on."""
        wanted = weight if isinstance(weight, Mapping) else dict.fromkeys(self.weights, weight)
        unknown = [path for path in wanted if path not in self.weights]
        if unknown:
            raise InvalidArgumentError(
                f"No activations of layer '{unknown[0]}' are regularized.",
                expected=f"one of {', '.join(self.weights)}",
                received=unknown[0],
            )
        self.weights.update({path: _check_weight(value) for path, value in wanted.items()})
        if self._penalties is not None:
            _ = self.model  # brings the state of the training loop into the model on JAX
            self._penalties.state.weights_of_layers.assign(list(self.weights.values()))

    def sparsity(self) -> dict[str, float]:
        """The share of zeros by layer, averaged over the batches of the last epoch that ended."""
        return dict(zip(self.weights, self._last["zeros"], strict=True)) if self._last else {}

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        layers = chosen_layers(self.model, self._patterns)
        self.weights = dict.fromkeys(layers, 0.0)
        self._penalties = ActivationPenalties(self.model, layers, self._regularizer)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self._penalties is not None:
            self._penalties.used = True
        self._last = None
        self.set_weights(self._weight(epoch) if callable(self._weight) else self._weight)

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        if self._penalties is not None and not self._penalties.added:
            raise UnsupportedModelError(
                f"The training step of model '{self.model.name}' does not call compute_loss().",
                expected="a train_step() that computes the loss with it",
            )

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._note()  # evaluation sets the sums back to zero

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._note()
        if logs is not None and self._last:
            logs["activation_penalty"] = sum(
                weight * penalty for weight, penalty in zip(self.weights.values(), self._last["penalties"], strict=True)
            )

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        if self._penalties is not None:
            _ = self.model
            self._penalties.detach()
            self._penalties = None

    def _note(self) -> None:
        if self._penalties is not None and self._last is None:
            _ = self.model
            state = self._penalties.state
            batches = max(1.0, float(ops.convert_to_numpy(state.batches)))
            sums = {"penalties": state.penalties, "zeros": state.zeros}
            self._last = {name: (ops.convert_to_numpy(each) / batches).tolist() for name, each in sums.items()}


def _check_weight(value: Any) -> float:
    try:
        weight = float(value)
    except (TypeError, ValueError):
        weight = math.nan
    if not 0.0 <= weight < math.inf:
        raise InvalidArgumentError("Invalid `weight`.", expected="a finite number, 0 or more", received=value)
    return weight
