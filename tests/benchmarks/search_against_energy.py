# SPDX-License-Identifier: Apache-2.0
"""Winner rates found layer by layer against one energy for all layers: python -m tests.benchmarks.search_against_energy

MODEL is a dense network, DATA what it was trained on; the validation samples are those that its recipe set aside. For
each accuracy budget, the cheapest setting of a search and the cheapest energy that bisection finds are printed, with
their multiplications and their accuracy on the test samples, which neither has seen. With --finetune-epochs, both are
finetuned before they are measured, and each may train as many settings as the other.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from tfsparse.analysis.winner_rates import layer_energies
from tfsparse.datasets import load_dataset
from tfsparse.search import search_rates
from tfsparse.search.allocation import energy_settings
from tfsparse.search.data import SearchData, finetuner
from tfsparse.search.finetuning import Finetune
from tfsparse.search.knobs import Levels
from tfsparse.search.scoring import Scorer
from tfsparse.search.tunable import TunableModel, sparse_copy

Networks = Callable[[Levels], keras.Model]

CALIBRATION_SAMPLES = 1000
LOG_SHARES_GIVEN_UP = (-7.0, -0.1)
"""Bounds of log10(1 - energy): from next to nothing to nearly all."""

STEPS = 14
"""Halvings without finetuning: the last ones change no winner rate."""


@dataclass(frozen=True)
class Found:
    """The cheapest setting of one way."""

    way: str
    macs: int
    accuracy: float
    network: keras.Model


def by_energy(
    tunable: TunableModel, network_of: Networks, score: Scorer, x: np.ndarray, least: float, steps: int
) -> Found | None:
    """Bisects the energy, one for all layers, down to the accuracy `least`."""
    energies = layer_energies(tunable.source, x)
    low, high = LOG_SHARES_GIVEN_UP
    best = None
    for _ in range(steps):
        middle = (low + high) / 2
        energy = 1.0 - 10.0**middle
        (levels,) = energy_settings(tunable.knobs, energies, [energy])
        network = network_of(levels)
        accuracy = score(network).accuracy
        if accuracy >= least:
            best, low = Found(f"energy {energy:.6g}", tunable.macs(levels), accuracy, network), middle
        else:
            high = middle
    return best


def networks(tunable: TunableModel, finetune: Finetune | None) -> Networks:
    """Builds the network of a setting, finetuned if asked for."""

    def build(levels: Levels) -> keras.Model:
        network = sparse_copy(tunable.source, tunable.rates(levels), {})
        if finetune:
            finetune(network, [], "energy")
        return network

    return build


def main() -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, metavar="MODEL", help="a .keras file")
    parser.add_argument("data", metavar="DATA", help="as for `tfsparse search --data`")
    parser.add_argument("--budgets", type=float, nargs="+", default=[0.002, 0.005, 0.01, 0.02])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--samples", type=int, default=10_000, help="validation samples at most")
    parser.add_argument("--validation-share", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--finetune-epochs", type=int, default=0)
    parser.add_argument("--finetunings", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument(
        "--work", type=Path, default=Path("search-against-energy"), help="folder of trainings and study"
    )
    given = parser.parse_args()
    given.work.mkdir(parents=True, exist_ok=True)

    model = keras.saving.load_model(given.model, compile=False)
    parts = SearchData(load_dataset(given.data), model, given.validation_share, given.samples, given.seed)
    x, y = parts.validation()
    tunable = TunableModel(model, x[:1])
    score = Scorer(model, x, y, 256)
    finetune = (
        finetuner(parts, given.work / "finetuning", given.finetune_epochs, given.learning_rate)
        if given.finetune_epochs
        else None
    )
    dense = score(model).accuracy
    print(f"dense: validation {dense:.2%}, test {parts.test_accuracy(model):.2%}, {tunable.macs({}):,} MACs")
    print("| budget | way | MACs | validation | test |\n|--:|---|--:|--:|--:|", flush=True)
    for budget in given.budgets:
        steps = given.finetunings if finetune else STEPS
        energy = by_energy(tunable, networks(tunable, finetune), score, x[:CALIBRATION_SAMPLES], dense - budget, steps)
        found = search_rates(
            model,
            x,
            y,
            budget=budget,
            trials=given.trials,
            finetune=finetune,
            finetunings=given.finetunings,
            storage=str(given.work / f"study-{budget:g}.journal"),
            seed=given.seed,
        )
        ways = [energy]
        if found.chosen and found.network:
            accuracy = found.chosen.finetuned_accuracy or found.chosen.accuracy
            ways.append(Found("search", found.chosen.macs, accuracy, found.network))
        for way in filter(None, ways):
            share = way.macs / tunable.macs({})
            test = parts.test_accuracy(way.network)
            print(f"| {budget:.1%} | {way.way} | {share:.1%} | {way.accuracy:.2%} | {test:.2%} |", flush=True)


if __name__ == "__main__":
    main()
