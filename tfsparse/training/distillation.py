# SPDX-License-Identifier: Apache-2.0
"""Training that follows a teacher, beside the labels."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from tfsparse.training.losses import gives_probabilities
from tfsparse.training.settings import Distillation

_SMALLEST = 1e-7
"""Probabilities below this count as this, as in the cross-entropy of Keras."""


class Student(keras.Model):
    """A model over the layers of another one that is trained to answer as a teacher does.

    To the loss of the labels it adds the divergence of the student's answers from the teacher's,

        weight * T**2 * KL(softmax(teacher / T) || softmax(student / T)),   T = temperature

    which tells more of each sample than its label: what else it resembles. A sparse network follows the dense one that
    it was made of. The teacher is not trained, and is no part of this model: it adds no weights. Validation measures
    the loss of the labels alone.

    Args:
        model: The model to train; its outputs are logits, or probabilities where it ends in a softmax.
        teacher: A model of the same inputs and outputs.
        settings: Weight and temperature.

    Example:

    >>> teacher = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, kernel_initializer="identity")])
    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, kernel_initializer="zeros")])
    >>> student = Student(model, teacher, Distillation(temperature=1.0))
    >>> student.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    >>> round(float(student.train_on_batch(ops.ones((1, 2)) * [[2.0, 0.0]], ops.zeros((1,)))), 3)  # 0.693 + 0.328
    1.021

    Reference:
        Hinton, Vinyals, Dean, "Distilling the Knowledge in a Neural Network", 2015, section 2.
    """

    def __init__(self, model: keras.Model, teacher: keras.Model, settings: Distillation) -> None:
        super().__init__(inputs=list(model.inputs), outputs=list(model.outputs), name=model.name)
        self.settings = settings
        strategy = getattr(self, "distribute_strategy", None)
        self._probabilities = gives_probabilities(model)
        self._devices = strategy.num_replicas_in_sync if strategy else 1  # whose losses TensorFlow adds up
        # In a function, where Keras does not look for layers of this model.
        self._ask = lambda x: teacher(x, training=False)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The loss of the labels and of regularizers, and while training that of following the teacher."""
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if not training:
            return loss
        share = self.settings.weight / self._devices * self._divergence(self._ask(x), y_pred)
        return loss + ops.cast(share, loss.dtype)

    def _divergence(self, teacher: Any, student: Any) -> Any:
        taught, given = (ops.log_softmax(self._softened(each), axis=-1) for each in (teacher, student))
        each = ops.sum(ops.exp(taught) * (taught - given), axis=-1)
        return ops.mean(each) * self.settings.temperature**2

    def _softened(self, outputs: Any) -> Any:
        outputs = ops.cast(keras.tree.flatten(outputs)[0], "float32")
        logits = ops.log(ops.maximum(outputs, _SMALLEST)) if self._probabilities else outputs
        return logits / self.settings.temperature
