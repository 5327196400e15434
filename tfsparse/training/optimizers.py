# SPDX-License-Identifier: Apache-2.0
"""Optimizers and learning-rate schedules from settings."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfsparse.training.settings import Optimizer, Training


def make_optimizer(model: keras.Model, training: Training, steps_per_epoch: int) -> keras.optimizers.Optimizer:
    """The optimizer of a leg of training.

    Args:
        model: The model that it will train: its vectors (biases, scales) are spared from weight decay.
        training: The settings.
        steps_per_epoch: Batches of an epoch; the schedule of the learning rate ends with the last one.
    """
    settings = training.optimizer
    optimizer = _rule(settings)(
        learning_rate=_schedule(settings, training.epochs * steps_per_epoch, steps_per_epoch),
        weight_decay=settings.weight_decay or None,
        global_clipnorm=settings.clip_norm,
        use_ema=settings.ema is not None,
        ema_momentum=settings.ema if settings.ema is not None else 0.99,
        **_momentum(settings),
    )
    if settings.weight_decay:
        optimizer.exclude_from_weight_decay([weight for weight in model.trainable_weights if len(weight.shape) < 2])
    # Small gradients would be lost in half precision. Keras sees that for itself only where the model has the policy.
    halves = any(layer.compute_dtype == "float16" for layer in model.layers)
    return keras.optimizers.LossScaleOptimizer(optimizer) if halves else optimizer


def _rule(settings: Optimizer) -> Any:
    rules = {
        "adam": keras.optimizers.Adam,
        "adamw": keras.optimizers.AdamW,
        "sgd": keras.optimizers.SGD,
        "rmsprop": keras.optimizers.RMSprop,
    }
    return rules[settings.name]


def _momentum(settings: Optimizer) -> dict[str, Any]:
    if settings.name == "sgd":
        return {"momentum": settings.momentum, "nesterov": settings.nesterov and settings.momentum > 0}
    return {"momentum": settings.momentum} if settings.name == "rmsprop" else {}


def _schedule(settings: Optimizer, steps: int, steps_per_epoch: int) -> Any:
    warmup = round(settings.warmup_epochs * steps_per_epoch)
    rate = settings.learning_rate
    if settings.schedule == "cosine":
        if warmup:
            return keras.optimizers.schedules.CosineDecay(0.0, steps - warmup, warmup_target=rate, warmup_steps=warmup)
        return keras.optimizers.schedules.CosineDecay(rate, steps)
    at = [round(share * steps) for share in sorted(settings.steps)] if settings.schedule == "steps" else []
    if not at and not warmup:
        return rate
    return WarmupAndSteps(rate, warmup, at, settings.step_factor)


@keras.saving.register_keras_serializable(package="tfsparse")
class WarmupAndSteps(keras.optimizers.schedules.LearningRateSchedule):
    """A learning rate that rises linearly from zero, stays, and is multiplied by a factor at given steps.

    Args:
        learning_rate: The rate after the warm-up.
        warmup: Steps of the warm-up, 0 for none.
        at: Steps from which on the factor applies once more.
        factor: The factor.

    Example:

    >>> schedule = WarmupAndSteps(1.0, warmup=4, at=[10], factor=0.5)
    >>> [float(schedule(step)) for step in (0, 2, 4, 9, 10)]
    [0.0, 0.5, 1.0, 1.0, 0.5]
    """

    def __init__(self, learning_rate: float, warmup: int, at: list[int], factor: float) -> None:
        self.learning_rate = learning_rate
        self.warmup = warmup
        self.at = list(at)
        self.factor = factor

    def __call__(self, step: Any) -> Any:
        step = ops.cast(step, "float32")
        rate = self.learning_rate * ops.minimum(1.0, step / self.warmup) if self.warmup else self.learning_rate
        for boundary in self.at:
            rate = rate * ops.where(step >= boundary, self.factor, 1.0)
        return rate

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": self.learning_rate, "warmup": self.warmup, "at": self.at, "factor": self.factor}
