# SPDX-License-Identifier: Apache-2.0
"""Finetunes a few settings of a front: those between which the accuracy asked for is reached."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras

from tfsparse.callbacks import MagnitudePruning
from tfsparse.schedules import ConstantSparsity
from tfsparse.search.front import reaches
from tfsparse.search.progress import stage
from tfsparse.search.study import Trial
from tfsparse.search.tunable import TunableModel, sparse_copy

Finetune = Callable[[keras.Model, list[keras.callbacks.Callback], str], object]
"""Trains a sparse model in place: gets the model, callbacks for `fit` that keep pruned weights at zero, and a name that
is the same for the same setting, under which it may store how far it is."""


@dataclass(frozen=True)
class Finetuned:
    """A setting after finetuning.

    Args:
        trial: The setting.
        accuracy: On the validation samples.
        network: The finetuned model.
    """

    trial: Trial
    accuracy: float
    network: keras.Model


def finetune_front(
    front: Sequence[Trial],
    tunable: TunableModel,
    finetune: Finetune,
    accuracy_of: Callable[[keras.Model], float],
    least_accuracy: float,
    most: int,
    verbose: bool,
) -> list[Finetuned]:
    """Finetunes the setting in the middle of the front, then that in the middle of the half which it points to, ...

    Args:
        front: By rising cost; dearer settings are taken to be more accurate after finetuning, too.
        tunable: Builds the networks, each from the dense weights.
        finetune: Trains one.
        accuracy_of: Accuracy on the validation samples.
        least_accuracy: The accuracy asked for: the cheapest setting that reaches it is looked for.
        most: How many settings to finetune at most.
        verbose: Whether to show how far it is.

    Returns:
        What was finetuned, in that order.
    """
    low, high = 0, len(front) - 1
    done: list[Finetuned] = []
    while low <= high and len(done) < most:
        middle = (low + high) // 2
        label = f"Finetuning setting {len(done) + 1} of at most {min(most, len(front).bit_length())}"
        # No bar: training has one of its own.
        with stage(label, None, verbose):
            done.append(_finetuned(front[middle], tunable, finetune, accuracy_of))
        if reaches(done[-1].accuracy, least_accuracy):
            high = middle - 1
        else:
            low = middle + 1
    return done


def _finetuned(
    trial: Trial, tunable: TunableModel, finetune: Finetune, accuracy_of: Callable[[keras.Model], float]
) -> Finetuned:
    rates, sparsities = tunable.rates(trial.levels), tunable.sparsities(trial.levels)
    network = sparse_copy(tunable.source, rates, sparsities)
    finetune(network, _holding_zeros(sparsities), _name(trial))
    return Finetuned(trial, accuracy_of(network), network)


def _name(trial: Trial) -> str:
    return hashlib.sha256(json.dumps(trial.levels, sort_keys=True).encode()).hexdigest()[:16]


def _holding_zeros(sparsities: dict[str, float]) -> list[keras.callbacks.Callback]:
    schedules = {name: ConstantSparsity(sparsity, begin_step=0) for name, sparsity in sparsities.items()}
    return [MagnitudePruning(schedules)] if schedules else []
