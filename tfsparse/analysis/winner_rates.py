# SPDX-License-Identifier: Apache-2.0
"""Winner rates from the energy of activations."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.batches import batches
from tfsparse.analysis.consumers import Consumer, Edge, find_consumers
from tfsparse.analysis.energy import EnergySpectrum, smallest_count, spectrum
from tfsparse.analysis.graph import trace
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.winners import MASKS


def winner_rates(
    model: keras.Model,
    x: Any,
    energy: float | Mapping[str, float] = 0.99,
    *,
    mask: str = "winners",
    batch_size: int = 32,
) -> dict[str, float]:
    """Chooses the winner rate of every layer that can read winners: the smallest that keeps the energy asked for.

    Let e be the energies of the n neurons or channels that a layer reads, in descending order. Then the rate is k / n
    with the smallest k for which

        e[1] + ... + e[k]  >=  energy * (e[1] + ... + e[n])

    *Neurons* (inputs of rank 2): e are the squared activations of a sample in descending order, averaged over the
    samples. *Channels* (feature maps, and dense layers behind a `Flatten`): e are the squared singular values of the
    matrix with a row per pixel of every sample and a column per channel. They come from the channels by channels matrix
    of second moments, summed up in float64 batch by batch, so memory does not grow with the number of samples. A layer
    whose input is zero throughout gets k = 1.

    Where a `WTADropout` is in front of a layer already, its input is measured. The keys are those of `ts.sparsify`.

    Args:
        model: A Sequential or Functional model, trained. It runs in inference mode and stays as it is.
        x: Calibration samples, about 1,000 of the training set: an array `(samples, ...)`, a list or dict of arrays
            for several inputs, or an iterable of batches such as a finite `tf.data.Dataset`.
        energy: Share of the energy to keep, in (0, 1], default 0.99: one number, or one per layer by name (then only
            these layers get a rate; depthwise and separable convolutions get one in no other way).
        mask: What shall win, as in `ts.sparsify`: `"winners"` as above; with `"elements"` or `"sampled"` single
            elements win in feature maps too, and e are the squared elements of a sample in descending order.
        batch_size: Samples that run at once if `x` is made of arrays, 1 or more, default 32. All activations of a
            batch are in memory at once: lower it for large images.

    Returns:
        Winner rate in (0, 1] by the name of the layer that reads the winners, in the order of the graph; a layer in a
        nested model is called `"model/layer"`.

    Raises:
        InvalidArgumentError: `energy` is outside (0, 1] or names an unknown layer, `x` is empty, not finite or does
            not fit the model, or an activation is not finite.
        UnsupportedModelError: The model is subclassed, has no shapes yet, is of Keras 2, or has no layer that could
            read winners.

    Example:

    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4), keras.layers.Dense(2, name="out")])
    >>> model.layers[0].set_weights([np.eye(8, 4), np.zeros(4)])
    >>> winner_rates(model, np.array([[3.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]), energy=0.9)
    {'out': 0.25}

    Reference:
        Yang, Qing, et al., "DASNet: Dynamic Activation Sparsity for Neural Network Efficiency Improvement", 2019,
        section III-A, eq. 2.
    """
    _energy_by_layer(energy, [])  # refuses what is out of range before the work
    layers = list(energy) if isinstance(energy, Mapping) else None
    return rates_at(layer_energies(model, x, layers=layers, mask=mask, batch_size=batch_size), energy)


def layer_energies(
    model: keras.Model, x: Any, *, layers: Sequence[str] | None = None, mask: str = "winners", batch_size: int = 32
) -> dict[str, np.ndarray]:
    """The energies that `winner_rates` chooses by, for those who try many thresholds on one measurement.

    Args:
        model: A Sequential or Functional model, trained. It runs in inference mode and stays as it is.
        x: Calibration samples, as for `winner_rates`.
        layers: Names of layers; `None`: all that `winner_rates` takes for one energy.
        mask: What shall win, as for `winner_rates`.
        batch_size: Samples that run at once if `x` is made of arrays, 1 or more, default 32.

    Returns:
        By the name of the layer that would read the winners: one energy for each neuron, channel or element,
        descending; what `rates_at` takes.

    Raises:
        InvalidArgumentError: `x` is empty, not finite or does not fit the model, an activation is not finite, or a
            layer cannot read winners.
        UnsupportedModelError: As for `winner_rates`.

    Example:

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2), keras.layers.Dense(2, name="out")])
    >>> model.layers[0].set_weights([np.eye(2), np.zeros(2)])
    >>> layer_energies(model, np.array([[1.0, 3.0], [2.0, 1.0]]))["out"].tolist()
    [6.5, 1.0]

    Reference:
        Yang, Qing, et al., "DASNet", 2019, section III-A, fig. 9.
    """
    if mask not in MASKS:
        raise InvalidArgumentError("Unknown `mask`.", expected=f"one of {', '.join(MASKS)}", received=mask)
    consumers = find_consumers(trace(model))
    if not consumers.default_names and not (layers is not None and consumers.found):
        raise UnsupportedModelError(
            f"Model '{model.name}' has no layer that could read winners.",
            expected="a Conv1D, Conv2D, Conv3D or Dense layer that reads the output of another one",
        )
    names = consumers.default_names if layers is None else list(layers)
    consumers.require(names, "energy")
    spectra = _measure(model, x, [consumers.found[name] for name in names], mask, batch_size)
    energies = {measured: _finite(name, measured.energies()) for name, measured in spectra.items()}
    return {name: energies[spectra[name]] for name in names}


def rates_at(spectra: Mapping[str, np.ndarray], energy: float | Mapping[str, float]) -> dict[str, float]:
    """The smallest winner rates that keep the energy asked for.

    Args:
        spectra: Energies in descending order by layer.
        energy: Share of the energy to keep, in (0, 1]: one number, or one per layer.

    Raises:
        InvalidArgumentError: `energy` is outside (0, 1].

    Example:

    >>> rates_at({"fc": np.array([6.0, 3.0, 1.0, 0.0])}, energy=0.9)
    {'fc': 0.5}
    """
    shares = _energy_by_layer(energy, list(spectra))
    return {name: smallest_count(spectra[name], share) / len(spectra[name]) for name, share in shares.items()}


def _energy_by_layer(energy: float | Mapping[str, float], names: list[str]) -> dict[str, float]:
    if isinstance(energy, Mapping):
        return {name: _check_energy(share, f"energy[{name!r}]") for name, share in energy.items()}
    return dict.fromkeys(names, _check_energy(energy, "energy"))


def _check_energy(energy: Any, name: str) -> float:
    try:
        share = float(energy)
    except (TypeError, ValueError):
        share = math.nan
    if not 0.0 < share <= 1.0:
        raise InvalidArgumentError(f"Invalid `{name}`.", expected="a number in (0, 1]", received=energy)
    return share


def _measure(
    model: keras.Model, x: Any, consumers: list[Consumer], mask: str, batch_size: int
) -> dict[str, EnergySpectrum]:
    spectra: dict[str, EnergySpectrum] = {}
    listeners: dict[tuple[int, int], dict[int, EnergySpectrum]] = {}
    shared: dict[tuple[int, ...], EnergySpectrum] = {}
    for consumer in consumers:
        edges = consumer.edges
        # Layers that read the same values have the same energies: they are measured once.
        measured = shared.setdefault(tuple(edge.value for edge in edges), _spectrum(edges[0], mask))
        spectra[consumer.name] = measured
        for edge in edges:
            reader = edge.reader
            listeners.setdefault((id(reader.layer), reader.index), {})[id(measured)] = measured

    def observe(layer: keras.Layer, index: int, inputs: Any, outputs: Any) -> None:
        for measured in listeners.get((id(layer), index), {}).values():
            measured.add(to_numpy(inputs))

    readers = [edge.reader.layer for consumer in consumers for edge in consumer.edges]
    for batch in batches(model, x, batch_size, "Measuring energies"):
        with observing(readers, observe):
            run(model, batch)
    return spectra


def _spectrum(edge: Edge, mask: str) -> EnergySpectrum:
    return spectrum(edge.unit, edge.units) if mask == "winners" else spectrum("neuron", edge.elements)


def _finite(name: str, energies: np.ndarray) -> np.ndarray:
    if not np.isfinite(energies).all():
        raise InvalidArgumentError(
            f"What layer {name!r} reads is not finite.",
            expected="finite activations",
            received="NaN or infinity",
            remedy="Check the model's weights and the range of the samples.",
        )
    return energies
