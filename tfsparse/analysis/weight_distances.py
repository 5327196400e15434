# SPDX-License-Identifier: Apache-2.0
"""How far training has moved the weights of a model."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass

import keras
import numpy as np

from tfsparse.analysis.activations import to_numpy
from tfsparse.analysis.models import named_layers, require_keras_model
from tfsparse.errors import InvalidArgumentError


@dataclass(frozen=True)
class WeightDistance:
    """Two sets of weights, each taken as one vector.

    Args:
        euclidean: Length of the difference, 0 or more.
        cosine: Cosine of the angle between them, in [-1, 1]; 1 where both are zero, 0 where one is.
        layers: The same for each layer with trainable weights of its own, by its path, `layers` empty there.
    """

    euclidean: float
    cosine: float
    layers: dict[str, WeightDistance]

    def layer_mean(self) -> tuple[float, float]:
        """Euclidean distance and cosine averaged over the layers, of which there has to be one.

        Published distances of 1 to 2 between ResNets can only be such means: all weights of one, as a single vector,
        are some tens long.
        """
        layers = self.layers.values()
        return (
            statistics.fmean(layer.euclidean for layer in layers),
            statistics.fmean(layer.cosine for layer in layers),
        )


def weight_distance(model: keras.Model, other: keras.Model) -> WeightDistance:
    """Euclidean distance and cosine similarity of the trainable weights of two models.

    Layers are matched by their paths, so masks and thresholds in one of the models do not matter.

    Args:
        model: A built Keras model.
        other: Another one with the same trainable weights, such as `model` before it was finetuned.

    Raises:
        InvalidArgumentError: A layer has weights in one model and none, or others, in the other.
        UnsupportedModelError: One of them is of Keras 2.

    Example:

    >>> fc = keras.layers.Dense(1, use_bias=False, kernel_initializer="ones", name="fc")
    >>> model = keras.Sequential([keras.Input((4,)), fc])
    >>> other = keras.models.clone_model(model)
    >>> other.set_weights([np.zeros((4, 1))])
    >>> distance = weight_distance(model, other)
    >>> distance.euclidean, distance.cosine, distance.layer_mean()
    (2.0, 0.0, (2.0, 0.0))

    Reference:
        "Dual sparse training framework: inducing activation map sparsity via Transformed l1 regularization", 2024,
        table 2.
    """
    ones, others = _vectors(model), _vectors(other)
    for path in ones.keys() | others.keys():
        sizes = [len(vectors[path]) if path in vectors else 0 for vectors in (ones, others)]
        if sizes[0] != sizes[1]:
            raise InvalidArgumentError(
                f"The models differ in layer '{path}'.",
                expected=f"{sizes[0]} trainable weights, as in '{model.name}'",
                received=f"{sizes[1]} in '{other.name}'",
            )
    layers = {path: _distance(vector, others[path]) for path, vector in ones.items()}
    empty = np.zeros(0)
    everything = [np.concatenate([empty, *(vectors[path] for path in ones)]) for vectors in (ones, others)]
    whole = _distance(everything[0], everything[1])
    return WeightDistance(whole.euclidean, whole.cosine, layers)


def _vectors(model: keras.Model) -> dict[str, np.ndarray]:
    seen: set[int] = set()
    vectors: dict[str, np.ndarray] = {}
    for path, layer in reversed(named_layers(require_keras_model(model)).items()):  # inner layers before outer ones
        own = [weight for weight in layer.trainable_weights if id(weight) not in seen]
        seen.update(id(weight) for weight in own)
        if own:
            vectors[path] = np.concatenate([to_numpy(weight).ravel().astype(np.float64) for weight in own])
    return dict(reversed(vectors.items()))


def _distance(one: np.ndarray, other: np.ndarray) -> WeightDistance:
    lengths = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    if min(lengths) == 0.0:
        cosine = float(max(lengths) == 0.0)
    else:
        cosine = float(np.clip(one @ other / math.prod(lengths), -1.0, 1.0))
    return WeightDistance(float(np.linalg.norm(one - other)), cosine, {})
