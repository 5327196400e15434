# SPDX-License-Identifier: Apache-2.0
"""Puts thresholds into the ReLUs of a trained network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import keras

from tfsparse.analysis.graph import trace
from tfsparse.analysis.models import named_layers
from tfsparse.analysis.relu_sites import relu_sites
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.layers import FATReLU
from tfsparse.surgery.plan import Plan
from tfsparse.surgery.surgeon import Surgeon, compile_like


def replace_relus(model: keras.Model, thresholds: float | Mapping[str, float]) -> keras.Model:
    """Copies a model with `FATReLU` in the place of its ReLUs, each with a threshold of its own.

    The copy has the weights of `model`, which itself stays as it is, and computes the same where the threshold is 0.
    A plain ReLU becomes a `FATReLU` of its name. A layer with `activation="relu"` keeps its name and loses the
    activation to a `FATReLU` behind it, named `<layer>_fatrelu`. A ReLU with a maximum (`relu6`) or a threshold stays,
    with a `FATReLU` behind it. Where a `FATReLU` is already, its threshold changes. Compiled models give compiled
    copies, as with `ts.sparsify`.

    Args:
        model: A Sequential or Functional model; nested models are looked into.
        thresholds: Threshold, a finite number of 0 or more, by the path of a layer that `relu_sites` lists; or one for
            all of them.

    Returns:
        The new model. Its ReLUs that `thresholds` leaves out are as they were.

    Raises:
        InvalidArgumentError: A threshold is out of its range, a name is not that of a ReLU, or there are none.
        UnsupportedModelError: The model is subclassed, has no shapes yet, is of Keras 2, or holds a layer that cannot
            be copied.

    Example:

    >>> fc = keras.layers.Dense(4, activation="relu", name="fc")
    >>> model = keras.Sequential([keras.Input((8,)), fc, keras.layers.Dense(2, name="out")])
    >>> [layer.name for layer in replace_relus(model, {"fc": 0.25}).layers]
    ['fc', 'fc_fatrelu', 'out']

    Reference:
        Kurtz, Mark, et al., "Inducing and Exploiting Activation Sparsity for Fast Inference on Deep Neural Networks",
        ICML 2020, section 3.
    """
    graph = trace(model)
    sites = relu_sites(model)
    wanted = dict(thresholds) if isinstance(thresholds, Mapping) else dict.fromkeys(sites, thresholds)
    if not wanted:
        raise InvalidArgumentError("There is no ReLU to replace.", expected="a threshold for at least one ReLU")
    for path in wanted:
        if path not in sites:
            raise InvalidArgumentError(
                f"`thresholds` names '{path}', which is no ReLU.",
                expected=f"one of {', '.join(sites) or 'none: the model has no ReLU'}",
                received=path,
            )
    in_graph = {call.path for call in graph.calls}
    hidden = [path for path in wanted if path not in in_graph]
    if hidden:
        raise UnsupportedModelError(
            f"The ReLU '{hidden[0]}' is inside a layer that is no Sequential or Functional model.",
            remedy="Leave it out, or build that layer as a model.",
        )
    copy = Surgeon(graph, Plan({}, {}, {path: _checked(each) for path, each in wanted.items()})).copy_model(model)
    compile_like(model, copy)
    return copy


def fatrelu_paths(model: keras.Model, paths: Iterable[str]) -> dict[str, str]:
    """Where the thresholds of a model's ReLUs are that `replace_relus` put there.

    Args:
        model: What `replace_relus` returned.
        paths: Paths of ReLUs before.

    Returns:
        The path of the `FATReLU` by that of the ReLU.

    Example:

    >>> fc = keras.layers.Dense(4, activation="relu", name="fc")
    >>> model = keras.Sequential([keras.Input((8,)), fc, keras.layers.ReLU(name="relu")])
    >>> fatrelu_paths(replace_relus(model, 0.5), ["fc", "relu"])
    {'fc': 'fc_fatrelu', 'relu': 'relu'}
    """
    layers = named_layers(model)
    return {path: path if isinstance(layers.get(path), FATReLU) else f"{path}_fatrelu" for path in paths}


def _checked(threshold: Any) -> float:
    return FATReLU(threshold).threshold
