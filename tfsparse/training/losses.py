# SPDX-License-Identifier: Apache-2.0
"""The loss that fits what a classifier puts out."""

from __future__ import annotations

import keras
from keras import layers


def classification_loss(model: keras.Model) -> keras.losses.Loss:
    """Cross-entropy of integer labels, on logits, or on probabilities where the model ends in a softmax.

    Example:

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    >>> classification_loss(model).get_config()["from_logits"]
    False
    """
    last = model.layers[-1]
    softmax = isinstance(last, layers.Softmax) or getattr(last, "activation", None) is keras.activations.softmax
    return keras.losses.SparseCategoricalCrossentropy(from_logits=not softmax)
