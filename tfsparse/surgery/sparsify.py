# SPDX-License-Identifier: Apache-2.0
"""Puts winners-take-all masks into a trained network."""

from __future__ import annotations

from collections.abc import Mapping

import keras

from tfsparse.analysis.consumers import Consumers, find_consumers
from tfsparse.analysis.graph import trace
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.surgery.plan import plan_masks
from tfsparse.surgery.surgeon import Surgeon, compile_like
from tfsparse.winners import MASKS, check_winner_rate


def sparsify(
    model: keras.Model, rates: float | Mapping[str, float], *, score: str | None = None, mask: str = "winners"
) -> keras.Model:
    """Copies a model with a `WTADropout` in front of the layers that shall read winners only.

    The copy has the weights of `model`, which itself stays as it is; it is trained with `fit` and saved like any
    other. Finetune it: the masks change what the layers read.

    *Which layers*: `Conv1D`, `Conv2D`, `Conv3D` without groups, and `Dense`. Not those that read the model's input,
    padded, rescaled or normalized or not. Depthwise and separable convolutions of depth multiplier 1 only if `rates`
    names them: a mask in front of a depthwise convolution saves work in it and in the pointwise one behind it, in the
    place of one between the two. Grouped and transposed convolutions are left alone: they do not run on winners.
    *Where*: right before the layer, and before the `Flatten` of a dense layer behind one, so that whole channels win.
    Feature maps are masked by channel, vectors by neuron. Only what this layer reads is masked: a residual connection
    or another layer reads on as before. Layers that read one tensor at one rate share one mask. A layer that is called
    several times has one mask for all calls.
    *Masks that are there already* (directly before, or before pooling, padding, flattening or an activation that keeps
    zero channels zero) get the new rate, none is put on top. So applying the same rates twice changes nothing.
    *Compiled* models give compiled copies, with a fresh optimizer, if their loss, metrics and optimizer can be rebuilt
    from their configuration; a warning says so if not.

    Args:
        model: A Sequential or Functional model. A Sequential model stays Sequential; masks reach into nested models. A
            subclass of `keras.Model` with a constructor other than `(inputs, outputs)` becomes a plain model.
        rates: Winner rate in (0, 1] by the name of the layer that shall read the winners, `"model/layer"` for layers
            in nested models; or one rate for all. `ts.winner_rates` chooses them.
        score: `"max"` or `"mean"` of |x|: how a channel is scored. `None`: `"max"` for new masks, and masks that are
            there keep theirs.
        mask: What new masks are. `"winners"`: channels of feature maps, neurons of vectors. `"elements"`: single
            elements of feature maps too, ranked exactly. `"sampled"`: single elements, by a threshold predicted from
            a subsample (`SampledWTADropout`), which is cheaper. On device, kernels leave out losing channels as a
            whole; of single elements they skip the zeros, which pays where most are.

    Returns:
        The new model. A mask is named `wta_` and the name of (the first of) the layers that read it.

    Raises:
        InvalidArgumentError: A rate is outside (0, 1], a name is not that of a layer that can read winners, there are
            no rates, or `score` or `mask` is unknown.
        UnsupportedModelError: The model is subclassed, has no shapes yet, is of Keras 2, has no layer that could read
            winners, or holds a layer that cannot be copied.

    Example:

    >>> from keras import layers
    >>> model = keras.Sequential([keras.Input((8,)), layers.Dense(4, name="hidden"), layers.Dense(2, name="out")])
    >>> [layer.name for layer in sparsify(model, {"out": 0.25}).layers]
    ['hidden', 'wta_out', 'out']

    Reference:
        Yang, Qing, et al., "DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement", 2019,
        section III. Masks of single elements: "Joint Regularization on Activations and Weights for Efficient Neural
        Network Pruning" (JPnet), 2019.
    """
    graph = trace(model)
    consumers = find_consumers(graph)
    if score not in (None, "max", "mean"):
        raise InvalidArgumentError("Unknown `score`.", expected="'max', 'mean' or None", received=score)
    if mask not in MASKS:
        raise InvalidArgumentError("Unknown `mask`.", expected=f"one of {', '.join(MASKS)}", received=mask)
    checked = _check_rates(model, consumers, rates)
    copy = Surgeon(graph, plan_masks(graph, consumers, checked, score, mask)).copy_model(model)
    compile_like(model, copy)
    return copy


def _check_rates(model: keras.Model, consumers: Consumers, rates: float | Mapping[str, float]) -> dict[str, float]:
    if isinstance(rates, Mapping):
        if not rates:
            raise InvalidArgumentError("`rates` is empty.", expected="a winner rate for at least one layer")
        consumers.require(rates, "rates")
        return {name: check_winner_rate(rate, f"rates[{name!r}]") for name, rate in rates.items()}
    rate = check_winner_rate(rates, "rates")
    if not consumers.default_names:
        raise UnsupportedModelError(
            f"Model '{model.name}' has no layer that could read winners.",
            expected="a Conv1D, Conv2D, Conv3D or Dense layer that reads the output of another one",
        )
    return dict.fromkeys(consumers.default_names, rate)
