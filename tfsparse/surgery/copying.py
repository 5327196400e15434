# SPDX-License-Identifier: Apache-2.0
"""Copies of models."""

from __future__ import annotations

import keras

from tfsparse.analysis.graph import trace
from tfsparse.surgery.plan import Plan
from tfsparse.surgery.surgeon import Surgeon


def copy_model(model: keras.Model) -> keras.Model:
    """A copy of a Sequential or Functional model with its weights and trainable flags, not compiled.

    Raises:
        UnsupportedModelError: The model is subclassed, has no shapes yet, or holds a layer that cannot be copied.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> copy = copy_model(model)
    >>> copy is not model and bool((copy.get_weights()[0] == model.get_weights()[0]).all())
    True
    """
    return Surgeon(trace(model), Plan({}, {})).copy_model(model)
