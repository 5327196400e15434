# SPDX-License-Identifier: Apache-2.0
"""The loss that fits what a classifier puts out."""

from __future__ import annotations

import keras

from tfsparse.analysis.models import as_functional, has_graph


def classification_loss(model: keras.Model) -> keras.losses.Loss:
    """Cross-entropy of integer labels, on logits, or on probabilities where the model ends in a softmax.

    Example:

    >>> model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, activation="softmax")])
    >>> classification_loss(model).get_config()["from_logits"]
    False
    """
    return keras.losses.SparseCategoricalCrossentropy(from_logits=not gives_probabilities(model))


def gives_probabilities(model: keras.Model) -> bool:
    """Whether the last thing that a Sequential or Functional model does, or the last model in it, is a softmax.

    Example:

    >>> inner = keras.Sequential([keras.Input((4,)), keras.layers.Softmax()])
    >>> gives_probabilities(keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), inner]))
    True
    """
    last = as_functional(model).operations[-1]
    if has_graph(last):
        return gives_probabilities(last)
    # Layers and bare operations (`keras.ops.softmax`), for whose classes Keras has no public names.
    return type(last).__name__ == "Softmax" or getattr(last, "activation", None) is keras.activations.softmax
