# SPDX-License-Identifier: Apache-2.0
"""The study that a search is written into: kept in memory or in a storage, where it goes on and others join in."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tfsparse.errors import InvalidArgumentError, RuntimeUnavailableError
from tfsparse.search.knobs import Knob, Levels

if TYPE_CHECKING:
    pass

_SUBJECT, _ORIGIN, _LOSS = "subject", "origin", "loss"


@dataclass(frozen=True)
class Trial:
    """A setting that was measured.

    Args:
        levels: Level by the name of the knob.
        origin: What proposed it: see `tfsparse.search.Candidate`.
        accuracy: On the validation samples, not finetuned.
        loss: Mean cross-entropy on them, in nats.
        cost: MACs or milliseconds for one sample.
    """

    levels: dict[str, int]
    origin: str
    accuracy: float
    loss: float
    cost: float


Measure = Callable[[Levels], tuple[float, float, float]]
"""Accuracy, loss and cost of a setting."""


class Study:
    """Settings of knobs and what was measured of them, in an Optuna study of two objectives.

    Args:
        storage: `None` for memory; the URL of a database (`sqlite:///search.db`); or the path of a journal file, which
            machines that see the same file share.
        name: Name of the study in the storage.
        subject: What is searched: fingerprints by what they are of. A study of anything else is refused.
        knobs: What can be set, by name.
        least_accuracy: Settings of lower accuracy are not looked around.
        seed: Of the sampler.

    Raises:
        InvalidArgumentError: The storage cannot be opened, or its study is of something else.
        RuntimeUnavailableError: Optuna is not installed.
    """

    def __init__(
        self,
        storage: str | None,
        name: str,
        subject: Mapping[str, str],
        knobs: Mapping[str, Knob],
        least_accuracy: float,
        seed: int,
    ) -> None:
        self._optuna = _import_optuna()
        self._knobs = knobs
        self._least_accuracy = least_accuracy
        with self._quiet(), _explained(storage):
            self._study = self._optuna.create_study(
                storage=_opened(self._optuna, storage),
                study_name=name,
                directions=["maximize", "minimize"],
                load_if_exists=True,
            )
            self._check(subject, f"'{name}' in {storage}")
            # Whoever joins later draws other settings than those who are at work.
            self._study.sampler = self._optuna.samplers.TPESampler(seed=seed + self.count())

    def trials(self) -> list[Trial]:
        """All settings that were measured so far, here and elsewhere, each once."""
        found: dict[tuple[tuple[str, int], ...], Trial] = {}
        for trial in self._study.get_trials(deepcopy=False, states=(self._optuna.trial.TrialState.COMPLETE,)):
            origin, loss = trial.user_attrs[_ORIGIN], trial.user_attrs[_LOSS]
            found.setdefault(
                _key(trial.params), Trial(dict(trial.params), origin, trial.values[0], loss, trial.values[1])
            )
        return list(found.values())

    def remember(self, key: str, make: Callable[[], Any]) -> Any:
        """What is stored under `key` as JSON; made and stored if it is not there."""
        stored = self._study.user_attrs.get(key)
        if stored is None:
            stored = make()
            self._study.set_user_attr(key, stored)
        return stored

    def propose(self, levels: Levels, origin: str) -> None:
        """Has a setting measured before those that the sampler chooses, unless it was or is going to be."""
        params = {name: levels.get(name, knob.units) for name, knob in self._knobs.items()}
        states = self._optuna.trial.TrialState
        # One that is running is not counted: whoever runs it may have been killed.
        for trial in self._study.get_trials(deepcopy=False, states=(states.COMPLETE, states.WAITING)):
            if _key(trial.system_attrs.get("fixed_params", trial.params)) == _key(params):
                return
        self._study.enqueue_trial(params, user_attrs={_ORIGIN: origin})

    def run(self, measure: Measure, trials: int, advance: Callable[[], None]) -> None:
        """Measures settings until the study has `trials` of them, those of other machines included.

        A setting whose measurement is interrupted or fails is marked as failed; all others stay.
        """
        with self._quiet():
            while self.count() < trials:
                trial = self._study.ask()
                try:
                    levels = {name: trial.suggest_int(name, 1, knob.units) for name, knob in self._knobs.items()}
                    known = self._known(levels)
                    accuracy, loss, cost = (known.accuracy, known.loss, known.cost) if known else measure(levels)
                except BaseException:
                    self._study.tell(trial, state=self._optuna.trial.TrialState.FAIL)
                    raise
                trial.set_user_attr(_ORIGIN, trial.user_attrs.get(_ORIGIN, "search"))
                trial.set_user_attr(_LOSS, loss)
                trial.set_constraint("accuracy that is lacking", self._least_accuracy - accuracy)
                self._study.tell(trial, [accuracy, cost])
                advance()

    def measured(self, levels: Levels, origin: str, measure: Measure, advance: Callable[[], None]) -> Trial:
        """What is known of a setting; it is measured and stored if that is nothing."""
        known = self._known(levels)
        if known:
            return known
        accuracy, loss, cost = measure(levels)
        ranges = {name: self._optuna.distributions.IntDistribution(1, knob.units) for name, knob in self._knobs.items()}
        attributes = {_ORIGIN: origin, _LOSS: loss}
        self._study.add_trial(
            self._optuna.trial.create_trial(
                params=dict(levels), distributions=ranges, values=[accuracy, cost], user_attrs=attributes
            )
        )
        advance()
        return Trial(dict(levels), origin, accuracy, loss, cost)

    def count(self) -> int:
        """How many measurements are complete, here and elsewhere."""
        states = self._optuna.trial.TrialState
        return len(self._study.get_trials(deepcopy=False, states=(states.COMPLETE,)))

    def _known(self, levels: Levels) -> Trial | None:
        return next((trial for trial in self.trials() if _key(trial.levels) == _key(levels)), None)

    def _check(self, subject: Mapping[str, str], where: str) -> None:
        stored = self.remember(_SUBJECT, lambda: dict(subject))
        different = [name for name in subject if stored.get(name) != subject[name]]
        if different:
            raise InvalidArgumentError(
                f"The study {where} is of something else: another {' and another '.join(different)}.",
                expected=", ".join(f"{name} {stored.get(name)}" for name in different),
                received=", ".join(f"{name} {subject[name]}" for name in different),
                remedy="Choose another name for the study (--study), or another storage or folder.",
            )

    @contextlib.contextmanager
    def _quiet(self) -> Iterator[None]:
        """Keeps Optuna from reporting each trial, as long as this runs."""
        before = self._optuna.logging.get_verbosity()
        self._optuna.logging.set_verbosity(self._optuna.logging.WARNING)
        try:
            yield
        finally:
            self._optuna.logging.set_verbosity(before)


def _key(levels: Levels) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(levels.items()))


def _import_optuna() -> Any:
    try:
        import optuna
    except ImportError as error:
        raise RuntimeUnavailableError(
            "Optuna is not installed.", received=str(error), remedy="Install it: pip install 'tfsparse[search]'."
        ) from error
    return optuna


def _opened(optuna: Any, storage: str | None) -> Any:
    if storage is None or "://" in storage:
        return storage
    backend = optuna.storages.journal.JournalFileBackend(storage)
    return optuna.storages.JournalStorage(backend)


@contextlib.contextmanager
def _explained(storage: str | None) -> Iterator[None]:
    """Says in one sentence what keeps a storage from being opened: databases have hundreds of errors of their own."""
    try:
        yield
    except (InvalidArgumentError, KeyboardInterrupt):
        raise
    except Exception as error:
        if storage is None:
            raise
        raise InvalidArgumentError(
            f"The storage {storage} cannot be used.",
            expected="the path of a journal file, or the URL of a database such as sqlite:///search.db",
            received=f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}",
        ) from error
