# SPDX-License-Identifier: Apache-2.0
"""Regularization of activations whose weights follow the accuracy and the zeros of each layer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tfsparse.callbacks.activation_regularization import ActivationRegularization
from tfsparse.errors import InvalidArgumentError


class AdaptiveActivationRegularization(ActivationRegularization):
    """`ActivationRegularization` that finds the weight of each layer while the model trains.

    After each epoch, the monitored quantity is compared with `target`. If it is good enough, the weight of each layer l
    grows, the more the more of its activations are left:

        weight[l] = weight[l] * growth ** (density[l] / max density),   density = 1 - share of zeros in the epoch

    and if it is not, all weights shrink by the factor `shrink`. So the penalty rises to what the accuracy bears, and
    most in the layers that have most to gain. The logs get `activation_weight/<layer>` besides `activation_penalty`.
    The last epoch is not always the best one: keep checkpoints, or let training end with a lower learning rate.

    `state()` and `restore(state)` carry the weights over to a `fit` that goes on where another one stopped.

    Args:
        regularizer: As in `ActivationRegularization`.
        target: What the monitored quantity shall not fall below (accuracies) or rise above (losses).
        monitor: Name of the quantity in the logs, such as `"val_accuracy"` or `"val_loss"`.
        mode: `"max"`: the higher, the better; `"min"`: the lower; `"auto"`: `"min"` if the name ends in `loss` or
            `error`.
        layers: As in `ActivationRegularization`.
        weight: Weights of the first epoch, a number above 0 or a dict of them by path.
        growth: Factor of the densest layer after a good epoch, above 1.
        shrink: Factor of all layers after a bad one, in (0, 1).

    Raises:
        InvalidArgumentError: An argument is out of its range, or the logs lack `monitor`.

    Example:

    ```python
    regularization = tfsparse.callbacks.AdaptiveActivationRegularization(
        tfsparse.regularizers.TransformedL1(1e-6, 1.0), target=baseline_accuracy - 0.002
    )
    model.fit(x, y, validation_data=(x_val, y_val), epochs=50, callbacks=[regularization])
    ```

    Reference:
        Zhu et al., "ARTS: An adaptive regularization training schedule for activation sparsity exploration", DSD 2022,
        adapts the coefficient of each layer during training. The paper was not at hand: the rule is our own.
    """

    def __init__(
        self,
        regularizer: Callable[[Any], Any],
        target: float,
        *,
        monitor: str = "val_accuracy",
        mode: str = "auto",
        layers: Sequence[str] | None = None,
        weight: float | Mapping[str, float] = 1.0,
        growth: float = 1.5,
        shrink: float = 0.5,
    ) -> None:
        super().__init__(regularizer, layers, weight)
        for name, value, low, high in (("growth", growth, 1.0, math.inf), ("shrink", shrink, 0.0, 1.0)):
            if not isinstance(value, int | float) or not low < value < high:
                raise InvalidArgumentError(f"Invalid `{name}`.", expected=f"above {low}, below {high}", received=value)
        if mode not in ("auto", "max", "min"):
            raise InvalidArgumentError("Unknown `mode`.", expected="'auto', 'max' or 'min'", received=mode)
        if not isinstance(target, int | float) or not math.isfinite(target):
            raise InvalidArgumentError("Invalid `target`.", expected="a finite number", received=target)
        self._target, self._monitor, self._growth, self._shrink = target, monitor, growth, shrink
        self._low_is_good = mode == "min" or (mode == "auto" and monitor.endswith(("loss", "error")))
        self._adapted: dict[str, float] = {}

    def state(self) -> dict[str, float]:
        """The weights of the next epoch by path; empty before the first epoch has ended."""
        return dict(self._adapted)

    def restore(self, state: Mapping[str, float]) -> None:
        """Takes over the `state()` of a callback whose training goes on here."""
        self._adapted = dict(state)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_begin(epoch, logs)
        self.set_weights(self._adapted)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        super().on_epoch_end(epoch, logs)
        if logs is None or self._monitor not in logs:
            raise InvalidArgumentError(
                f"The logs lack '{self._monitor}'.",
                expected=f"one of {', '.join(logs or {})}",
                remedy="Give fit() validation_data, compile the model with this metric, or monitor something else.",
            )
        logs.update({f"activation_weight/{path}": weight for path, weight in self.weights.items()})
        value = float(logs[self._monitor])
        good = value <= self._target if self._low_is_good else value >= self._target
        self._adapted = {path: weight * self._factor(path, good) for path, weight in self.weights.items()}

    def _factor(self, path: str, good: bool) -> float:
        densities = {layer: 1.0 - zeros for layer, zeros in self.sparsity().items()}
        densest = max(densities.values())
        if not good:
            return self._shrink
        return self._growth ** (densities[path] / densest) if densest > 0.0 else 1.0
