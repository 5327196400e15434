# SPDX-License-Identifier: Apache-2.0
"""Winner rates from the energy of activations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from tfsparse.analysis.activations import observing, run, to_numpy
from tfsparse.analysis.batches import batches
from tfsparse.analysis.consumers import Consumer, find_consumers
from tfsparse.analysis.energy import EnergySpectrum, smallest_count, spectrum
from tfsparse.analysis.graph import trace
from tfsparse.errors import InvalidArgumentError, UnsupportedModelError


def winner_rates(
    model: keras.Model, x: Any, energy: float | Mapping[str, float] = 0.99, *, batch_size: int = 32
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
    consumers = find_consumers(trace(model))
    if not consumers.default_names and not (isinstance(energy, Mapping) and consumers.found):
        raise UnsupportedModelError(
            f"Model '{model.name}' has no layer that could read winners.",
            expected="a Conv1D, Conv2D, Conv3D or Dense layer that reads the output of another one",
        )
    shares = _energy_by_layer(energy, consumers.default_names)
    consumers.require(shares, "energy")
    spectra = _measure(model, x, [consumers.found[name] for name in shares], batch_size)
    energies = {measured: measured.energies() for measured in set(spectra.values())}
    return {name: _rate(name, energies[spectra[name]], share) for name, share in shares.items()}


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


def _measure(model: keras.Model, x: Any, consumers: list[Consumer], batch_size: int) -> dict[str, EnergySpectrum]:
    spectra: dict[str, EnergySpectrum] = {}
    listeners: dict[tuple[int, int], dict[int, EnergySpectrum]] = {}
    shared: dict[tuple[int, ...], EnergySpectrum] = {}
    for consumer in consumers:
        edges = consumer.edges
        # Layers that read the same values have the same energies: they are measured once.
        measured = shared.setdefault(tuple(edge.value for edge in edges), spectrum(edges[0].unit, edges[0].units))
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


def _rate(name: str, energies: np.ndarray, share: float) -> float:
    if not np.isfinite(energies).all():
        raise InvalidArgumentError(
            f"What layer {name!r} reads is not finite.",
            expected="finite activations",
            received="NaN or infinity",
            remedy="Check the model's weights and the range of the samples.",
        )
    return smallest_count(energies, share) / len(energies)
