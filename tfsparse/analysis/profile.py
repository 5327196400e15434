# SPDX-License-Identifier: Apache-2.0
"""What a network computes for a sample, layer by layer, and how much of it is multiplication with zero."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import keras
from rich.table import Table

from tfsparse.analysis.activations import observing, run
from tfsparse.analysis.batches import batches
from tfsparse.analysis.graph import Graph, trace
from tfsparse.analysis.macs import mac_counter
from tfsparse.analysis.models import has_graph, named_layers, require_keras_model, weight_matrices
from tfsparse.analysis.profile_table import as_text, profile_table
from tfsparse.analysis.shares import winner_shares
from tfsparse.analysis.tally import LayerTally, Tally, Zeros
from tfsparse.errors import UnsupportedModelError
from tfsparse.layers import WTADropout


@dataclass(frozen=True)
class LayerProfile:
    """One layer of a profile. Numbers per sample are averages over the samples.

    Args:
        name: Name, with the names of the nested models that hold it: `"backbone/conv"`.
        kind: Class of the layer.
        output_shape: Shape of the (first) output of the first call, without the batch axis.
        calls: How often the layer is called for one batch.
        parameters: Number of weights that are its own, trainable or not.
        macs: Multiply-accumulates per sample, over all calls.
        macs_after_wta: Those that are left when losers are not computed with.
        effective_macs: Those of a non-zero activation with a non-zero weight.
        winners: Number of channels or neurons that the first call reads, of
        units: so many; both `None` if no mask is in front of the layer.
        weight_sparsity: Share of zeros in its matrices and kernels; `None` if it has none. Biases do not count.
        input_sparsity: Share of zeros in what it reads.
        output_sparsity: Share of zeros in what it returns.
    """

    name: str
    kind: str
    output_shape: tuple[int, ...]
    calls: int
    parameters: int
    macs: int
    macs_after_wta: int
    effective_macs: float
    winners: int | None
    units: int | None
    weight_sparsity: float | None
    input_sparsity: float
    output_sparsity: float


@dataclass(frozen=True)
class Profile:
    """The profile of a model; `print` shows it as a table.

    Args:
        model: Name of the model.
        samples: Number of samples that were measured.
        layers: Every layer that was called, in the order of the model.
        parameters: Number of weights of the model, trainable or not.
        macs: Multiply-accumulates per sample.
        macs_after_wta: Those that are left when losers are not computed with.
        effective_macs: Those of a non-zero activation with a non-zero weight, on average.
        weight_sparsity: Share of zeros among the elements of all matrices and kernels.
        activation_sparsity: Share of zeros in what the layers with MACs read.
        notes: What could not be counted, one sentence each.
    """

    model: str
    samples: int
    layers: tuple[LayerProfile, ...]
    parameters: int
    macs: int
    macs_after_wta: int
    effective_macs: float
    weight_sparsity: float
    activation_sparsity: float
    notes: tuple[str, ...]

    def to_json(self) -> str:
        """The profile as a JSON object with the names of the attributes as keys."""
        return json.dumps(asdict(self), indent=2)

    def __rich__(self) -> Table:
        return profile_table(self)

    def __str__(self) -> str:
        return as_text(self.__rich__())


def profile(model: keras.Model, x: Any, *, batch_size: int = 32) -> Profile:
    """Counts the multiply-accumulates (MACs) of a model on samples, and the zeros that they meet.

    *MACs*: output positions * kernel positions * input channels * output channels of a convolution, inputs * outputs of
    a dense layer; grouped, depthwise, separable, transposed and einsum-dense layers accordingly. Kernel positions on
    padding count, biases and everything else do not: the convention of published tables. A layer that is called
    several times counts for each call.
    *MACs after WTA*: k / n of that where k of n channels or neurons win in a `WTADropout` in front, with nothing in
    between but what leaves zero channels zero and in place (pooling, padding, flattening, most activation functions).
    In a pointwise convolution too that alone reads such a depthwise one, where the losers are constants.
    *Effective MACs*: pairs of a non-zero activation and a non-zero weight, counted exactly on every sample.

    Args:
        model: A built Keras model of any kind. It runs in inference mode, layer by layer, and stays as it is.
        x: Samples: an array `(samples, ...)`, a list or dict of arrays for several inputs, or an iterable of batches
            such as a finite `tf.data.Dataset`.
        batch_size: Samples that run at once if `x` is made of arrays, 1 or more, default 32. All activations of a
            batch are in memory at once: lower it for large images.

    Returns:
        The profile.

    Raises:
        InvalidArgumentError: `x` is empty or does not fit the model, or `model` is no model.
        UnsupportedModelError: The model is not built yet, or of Keras 2.

    Example:

    >>> model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(8, 3, name="conv")])
    >>> profile(model, keras.ops.ones((1, 28, 28, 1))).macs == 26 * 26 * 3 * 3 * 1 * 8
    True

    Reference:
        Yang, Qing, et al., "DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement", 2019,
        section III-B (MACs after WTA). "Dual sparse training framework: inducing activation map sparsity via
        Transformed l1 regularization" (MACs that remain are pairs of non-zeros).
    """
    if not require_keras_model(model).built:
        raise UnsupportedModelError(
            f"Model '{model.name}' is not built yet.", remedy="Call it on a batch, or call build(input_shape)."
        )
    graph = trace(model) if has_graph(model) else None
    layers = named_layers(model)
    tally = Tally(winner_shares(graph) if graph else {})
    samples = 0
    for batch in batches(model, x, batch_size, "Profiling"):
        with observing(layers.values(), tally.observe):
            run(model, batch)
        samples += len(keras.tree.flatten(batch)[0])
    return _summary(model, layers, graph, tally, samples)


def _summary(
    model: keras.Model, layers: dict[str, keras.Layer], graph: Graph | None, tally: Tally, samples: int
) -> Profile:
    own = _own_weights(layers)
    called = {name: layer for name, layer in layers.items() if id(layer) in tally.layers}
    rows = tuple(_row(name, layer, own[name], tally.layers[id(layer)], samples) for name, layer in called.items())
    weights, read = Zeros(), Zeros()
    for name, layer in layers.items():
        weights.add(weight_matrices(layer, own[name]))
    for layer in called.values():
        if mac_counter(layer) is not None:
            read.include(tally.layers[id(layer)].inputs)
    return Profile(
        model=model.name,
        samples=samples,
        layers=rows,
        parameters=model.count_params(),
        macs=sum(row.macs for row in rows),
        macs_after_wta=sum(row.macs_after_wta for row in rows),
        effective_macs=sum(row.effective_macs for row in rows),
        weight_sparsity=weights.share,
        activation_sparsity=read.share,
        notes=tuple(_notes(called, own, graph)),
    )


def _own_weights(layers: dict[str, keras.Layer]) -> dict[str, list[keras.Variable]]:
    """The weights of each layer that are not those of a layer that it holds; shared weights go to the last layer."""
    owned: set[int] = set()
    own: dict[str, list[keras.Variable]] = {}
    for name, layer in reversed(layers.items()):
        own[name] = [weight for weight in layer.weights if id(weight) not in owned]
        owned.update(id(weight) for weight in own[name])
    return own


def _row(name: str, layer: keras.Layer, own: list[keras.Variable], sums: LayerTally, samples: int) -> LayerProfile:
    weights = Zeros()
    weights.add(weight_matrices(layer, own))
    return LayerProfile(
        name=name,
        kind=type(layer).__name__,
        output_shape=sums.output_shape,
        calls=sums.calls,
        parameters=sum(math.prod(weight.shape) for weight in own),
        macs=round(sums.macs.dense / samples),
        macs_after_wta=round(sums.macs_after_wta / samples),
        effective_macs=sums.macs.effective / samples,
        winners=sums.share.winners if sums.share else None,
        units=sums.share.units if sums.share else None,
        weight_sparsity=weights.share if weights.elements else None,
        input_sparsity=sums.inputs.share,
        output_sparsity=sums.outputs.share,
    )


def _notes(called: dict[str, keras.Layer], own: dict[str, list[keras.Variable]], graph: Graph | None) -> Iterator[str]:
    for name, layer in called.items():
        kind = type(layer).__name__
        if weight_matrices(layer, own[name]) and mac_counter(layer) is None and not _looks_up(layer):
            yield f"The MACs of {kind} layer '{name}' are not counted."
        if isinstance(layer, keras.layers.MultiHeadAttention | keras.layers.GroupQueryAttention):
            yield f"The products of queries, keys and values in {kind} layer '{name}' are not counted."
    traced = {id(call.layer) for call in graph.calls} if graph else set()
    for name, layer in called.items():
        if isinstance(layer, WTADropout) and id(layer) not in traced:
            yield (
                f"Mask '{name}' is inside a subclassed model or layer, so it is not known which layers read it: their "
                "MACs after WTA are those without it."
            )


def _looks_up(layer: keras.Layer) -> bool:
    return isinstance(layer, keras.layers.Embedding)
