# SPDX-License-Identifier: Apache-2.0
"""Searches winner rates and weight sparsities, layer by layer, under an accuracy budget."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import keras
import numpy as np

from tfsparse.analysis.winner_rates import layer_energies
from tfsparse.errors import InvalidArgumentError
from tfsparse.search.allocation import energy_settings, greedy_settings
from tfsparse.search.costs import Cost, Milliseconds, machine_name
from tfsparse.search.curves import Sensitivity
from tfsparse.search.descent import descend
from tfsparse.search.finetuning import Finetune, Finetuned, finetune_front
from tfsparse.search.front import Candidate, choose, closest, pareto_front
from tfsparse.search.knobs import Levels
from tfsparse.search.progress import note, stage
from tfsparse.search.result import SCHEMA_VERSION, SearchResult, Target
from tfsparse.search.scoring import Scorer
from tfsparse.search.study import Measure, Study, Trial
from tfsparse.search.sweep import BATCH_SIZE, SHARES, sweep
from tfsparse.search.tunable import TunableModel, sparse_copy

GREEDY_SETTINGS = 16
_CALIBRATION_SAMPLES = 1000
_FEW_SAMPLES = 10
"""A budget of fewer samples is named as doubtful."""

_DESCENT_SHARE = 4
"""What part of the trials, as a divisor, is left for the descent from the best setting."""


@dataclass(frozen=True)
class Timing:
    """How times are measured where milliseconds are the target.

    Args:
        runs: Timed runs of the dense and of each sparse model, at least 1.
        threads: Threads of a run, at least 1.
    """

    runs: int = 100
    threads: int = 1


def search_rates(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    *,
    budget: float = 0.005,
    target: Target = "macs",
    at_most: float | None = None,
    trials: int = 100,
    sparsities: bool = False,
    exclude: Sequence[str] = (),
    finetune: Finetune | None = None,
    finetunings: int = 6,
    storage: str | None = None,
    study: str = "tfsparse",
    timing: Timing | None = None,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
    verbose: bool = True,
) -> SearchResult:
    """Finds winner rates, layer by layer, that cost least within an accuracy budget.

    First what each layer bears is measured (`sensitivity`). From it follow settings that turn down the layers first
    that give most MACs for the least loss; beside them, settings that keep one share of the energy in all layers are
    measured. From there Optuna's sampler looks for settings that are more accurate or cheaper. Last, the cheapest
    setting within the budget is lowered layer by layer as long as it stays there; or, with `finetune`, the front that
    was found is halved again and again to the cheapest setting that is within the budget after finetuning.

    Args:
        model: A Sequential or Functional classifier, trained, without masks. It stays as it is.
        x: Validation samples `[samples, ...]`, scaled as the model takes them; some thousand.
        y: Their labels `[samples]`, integers from 0.
        budget: Accuracy that may be lost, in [0, 1), default 0.005. Of few samples, the best of many settings looks
            better than it is: a budget should be at least some ten samples wide.
        target: What to save: `"macs"`, or `"milliseconds"` of the converted model beside the dense one, by turns.
        at_most: The cost to reach, in MACs or milliseconds for one sample: then the most accurate setting that reaches
            it is chosen. `None`: the cheapest one within the budget.
        trials: Settings to measure in all, those in the storage included, at least 1.
        sparsities: Whether to search the share of pruned weights of each layer, too. MACs only: zeros among the weights
            do not make the kernels faster.
        exclude: Names or shell patterns of layers to leave alone.
        finetune: Trains a sparse copy of the model in place, with the callbacks that it is given. `None`: accuracies
            are those without finetuning.
        finetunings: How many settings to finetune, at least 1.
        storage: `None` for memory, a database's URL (`"sqlite:///search.db"`), or the path of a journal file. What is
            in it is not measured again, and several machines work on one study.
        study: Name of the study in the storage.
        timing: Runs and threads of measured times.
        batch_size: Samples that run at once, 1 or more, default 256.
        seed: Of the sampler.
        verbose: Whether to show on standard error how far it is.

    Returns:
        All that was tried, its Pareto front, and the choice; or the closest, if nothing fits.

    Raises:
        InvalidArgumentError: An argument is out of its range, the samples do not fit the model, or the storage cannot
            be used or holds a study of something else.
        UnsupportedModelError: The model is subclassed, has no shapes yet, or has no layer that could read winners.
        RuntimeUnavailableError: Optuna is not installed.

    Example:

    >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4), keras.layers.Dense(2, name="out")])
    >>> found = search_rates(model, np.eye(8), np.arange(8) % 2, budget=0.9, trials=8, verbose=False)
    >>> found.chosen.macs < found.macs
    True
    """
    _check(budget, target, at_most, trials, finetunings, sparsities)
    tunable = TunableModel(model, np.asarray(x)[:1], sparsities=sparsities, exclude=exclude)
    score = Scorer(tunable.masked, x, y, batch_size)
    timing = timing or Timing()
    accuracy = score(tunable.set({})).accuracy
    if verbose and 0 < budget * score.samples < _FEW_SAMPLES:
        note(
            f"A budget of {budget:g} is {budget * score.samples:.1f} of {score.samples} samples: that is mostly chance."
        )
    subject = _subject(tunable, x, y, target, timing)
    worth_looking = accuracy / 2 if finetune else accuracy - 3 * max(budget, 0.005)
    shared = Study(storage, study, subject, tunable.knobs, worth_looking, seed)
    stored = shared.remember("sensitivity", lambda: asdict(sweep(tunable, score, SHARES, verbose)))
    found = Sensitivity.from_dict(stored)
    _propose(shared, tunable, found, x)
    measure, dense_cost = _measuring(tunable, score, target, timing, x)
    descends = finetune is None and at_most is None
    with stage("Search", max(0, trials - shared.count()), verbose) as advance:
        shared.run(measure, trials - trials // _DESCENT_SHARE if descends else trials, advance)
        if descends:
            descend(shared, measure, accuracy - budget, trials, advance)
    tried = shared.trials()
    finetuned: list[Finetuned] = []
    if finetune:
        front = [trial for trial in pareto_front(tried) if trial.cost <= (dense_cost if at_most is None else at_most)]
        # With a cost asked for, no accuracy is enough: the most accurate setting is looked for.
        least = accuracy - budget if at_most is None else math.inf
        finetuned = finetune_front(
            front, tunable, finetune, lambda network: score(network).accuracy, least, finetunings, verbose
        )
    return _result(tunable, found, tried, finetuned, target, dense_cost, budget, at_most)


def _measuring(
    tunable: TunableModel, score: Scorer, target: Target, timing: Timing, x: np.ndarray
) -> tuple[Measure, float]:
    """What measures a setting, and the cost of the dense model."""
    cost: Cost = tunable.macs if target == "macs" else Milliseconds(tunable, x, timing.runs, timing.threads)

    def measure(levels: Levels) -> tuple[float, float, float]:
        scored = score(tunable.set(levels))
        return scored.accuracy, scored.loss, float(cost(levels))

    return measure, float(cost({}))


def _propose(shared: Study, tunable: TunableModel, found: Sensitivity, x: np.ndarray) -> None:
    """The settings to begin with: dense, greedy from much to little accuracy, and global energies."""
    shared.propose({}, "dense")
    # A loss of this much more than the dense one's is that of guessing.
    guessing = math.log(tunable.source.outputs[0].shape[-1])
    for levels in greedy_settings(found, GREEDY_SETTINGS, guessing):
        shared.propose(levels, "greedy")
    energies = layer_energies(tunable.source, np.asarray(x)[:_CALIBRATION_SAMPLES])
    for levels in energy_settings(tunable.knobs, energies):
        shared.propose(levels, "energy")


def _result(
    tunable: TunableModel,
    found: Sensitivity,
    tried: list[Trial],
    finetuned: list[Finetuned],
    target: Target,
    dense_cost: float,
    budget: float,
    at_most: float | None,
) -> SearchResult:
    after = {id(each.trial): each.accuracy for each in finetuned}
    candidates = [
        Candidate(
            rates=tunable.rates(trial.levels),
            sparsities=tunable.sparsities(trial.levels),
            origin=trial.origin,
            accuracy=trial.accuracy,
            finetuned_accuracy=after.get(id(trial)),
            cost=trial.cost,
            macs=tunable.macs(trial.levels),
        )
        for trial in sorted(tried, key=lambda each: each.cost)
    ]
    cheaper = [each for each in candidates if each.cost < dense_cost]
    ready = [each for each in cheaper if each.finetuned_accuracy is not None] if finetuned else cheaper
    least = found.accuracy - budget
    chosen = choose(ready, least, at_most)
    return SearchResult(
        schema_version=SCHEMA_VERSION,
        model=tunable.source.name,
        samples=found.samples,
        target=target,
        budget=budget,
        at_most=at_most,
        accuracy=found.accuracy,
        cost=dense_cost,
        macs=found.macs,
        candidates=tuple(candidates),
        chosen=chosen,
        closest=None if chosen else closest(ready, least, at_most),
        sensitivity=found,
        network=_network(chosen, tunable, finetuned) if chosen else None,
    )


def _network(chosen: Candidate, tunable: TunableModel, finetuned: list[Finetuned]) -> keras.Model:
    setting = (chosen.rates, chosen.sparsities)
    for each in finetuned:
        if (tunable.rates(each.trial.levels), tunable.sparsities(each.trial.levels)) == setting:
            return each.network
    return sparse_copy(tunable.source, *setting)


def _subject(tunable: TunableModel, x: np.ndarray, y: np.ndarray, target: Target, timing: Timing) -> dict[str, str]:
    """Fingerprints of all that measurements in one study must have in common."""
    units = [(name, knob.units) for name, knob in tunable.knobs.items()]
    measured = target if target == "macs" else f"{target} on {machine_name()} with {timing.threads} threads"
    return {
        "model": _digest(tunable.source.to_json(), *tunable.source.get_weights()),
        "set of samples": _digest(x, y),
        "choice of layers": _digest(repr(units)),
        "target": measured,
    }


def _digest(*parts: str | np.ndarray) -> str:
    total = hashlib.sha256()
    for part in parts:
        total.update(part.encode() if isinstance(part, str) else np.ascontiguousarray(part).tobytes())
    return total.hexdigest()[:16]


def _check(budget: float, target: str, at_most: float | None, trials: int, finetunings: int, sparsities: bool) -> None:
    if not 0.0 <= budget < 1.0:
        raise InvalidArgumentError("Invalid `budget`.", expected="a number in [0, 1)", received=budget)
    if target not in ("macs", "milliseconds"):
        raise InvalidArgumentError("Unknown `target`.", expected="'macs' or 'milliseconds'", received=target)
    if at_most is not None and not 0.0 < at_most < math.inf:
        raise InvalidArgumentError("Invalid `at_most`.", expected="a positive number", received=at_most)
    for name, number in (("trials", trials), ("finetunings", finetunings)):
        if not isinstance(number, int) or number < 1:
            raise InvalidArgumentError(f"Invalid `{name}`.", expected="an integer, 1 or more", received=number)
    if sparsities and target == "milliseconds":
        raise InvalidArgumentError(
            "Milliseconds say nothing of weight sparsities: zeros among the weights do not make the kernels faster.",
            expected="target='macs' with `sparsities`",
            received="target='milliseconds'",
        )
