# SPDX-License-Identifier: Apache-2.0
"""What a report measures on samples, beyond what the folder of a run holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import keras
import numpy as np

from tfsparse.analysis.profile import profile
from tfsparse.analysis.winner_rates import layer_energies
from tfsparse.conversion.keras_source import load_keras_file
from tfsparse.datasets import Dataset
from tfsparse.errors import UnsupportedModelError
from tfsparse.recipes.recipe import Recipe
from tfsparse.recipes.run_data import RunData, fingerprint
from tfsparse.report.before_after import BeforeAfter, before_after
from tfsparse.report.layer_counts import NetworkCount, network_count
from tfsparse.report.mask_winners import MaskWinners, mask_winners
from tfsparse.report.run_record import RunRecord

_BATCH = 100


@dataclass(frozen=True)
class Measurements:
    """What was measured on samples.

    Args:
        samples: Number of test samples that it was measured on.
        counts: Multiply-accumulates by layer of the network after each stage that did not record them, by its name.
        energies: Energies of what each layer of the dense network reads, largest first, by the layer's name.
        winners: The masks of the last stage's network; none if it has none.
        activations: Activations of the dense network beside those of the last stage's; none if there is one stage.
        notes: What the reader of the report has to know about the measurement, a sentence each.
    """

    samples: int
    counts: dict[str, NetworkCount]
    energies: dict[str, np.ndarray]
    winners: tuple[MaskWinners, ...]
    activations: tuple[BeforeAfter, ...]
    notes: tuple[str, ...]


def measure(run: RunRecord, dataset: Dataset, samples: int, note: Callable[[str], None]) -> Measurements:
    """Measures the networks of all finished stages of a run.

    Args:
        run: A run, one stage of which at least is finished.
        dataset: The run's data; other samples of the same size work, and are noted.
        samples: Number of test samples to measure on, and of training samples to measure energies on.
        note: Is told what is being measured.

    Raises:
        InvalidArgumentError: The data does not fit the run's networks.
        ModelFormatError: A stage's model cannot be read.
    """
    models = {stage.name: load_keras_file(stage.model) for stage in run.done}
    dense, last = models[run.dense.name], models[run.done[-1].name]
    recipe = Recipe.model_validate(run.recipe)
    data = RunData(dataset, recipe.data, recipe.seed, tuple(dense.inputs[0].shape[1:]))
    x, y = data.test_samples(samples), np.asarray(dataset.y_test[:samples])
    note("Counting multiply-accumulates")
    counts = {stage.name: _counts(models[stage.name], x) for stage in run.done if stage.counts is None}
    note("Measuring energies")
    energies = _energies(dense, data.calibration(samples))
    note("Counting winners and activations")
    return Measurements(
        samples=len(x),
        counts=counts,
        energies=energies,
        winners=mask_winners(last, x, y),
        activations=before_after(dense, last, x) if dense is not last else (),
        notes=tuple(_notes(run, dataset)),
    )


def _counts(model: keras.Model, x: np.ndarray) -> NetworkCount:
    counted = profile(model, x, batch_size=_BATCH)
    return network_count(counted.samples, map(asdict, counted.layers))


def _energies(model: keras.Model, x: np.ndarray) -> dict[str, np.ndarray]:
    try:
        return layer_energies(model, x, batch_size=_BATCH)
    except UnsupportedModelError:
        return {}


def _notes(run: RunRecord, dataset: Dataset) -> Iterator[str]:
    if fingerprint(dataset) != run.identity["data"]:
        yield "The samples given are not those of the run: what was measured on them need not be true of the run's."
