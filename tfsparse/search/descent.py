# SPDX-License-Identifier: Apache-2.0
"""The last steps to the edge of the budget: one knob a little lower at a time, as long as the accuracy allows."""

from __future__ import annotations

from collections.abc import Callable

from tfsparse.search.front import reaches
from tfsparse.search.study import Measure, Study

_FIRST_STEP = 8
"""Share of its level, as a divisor, by which a knob is lowered at first."""


def descend(study: Study, measure: Measure, least_accuracy: float, trials: int, advance: Callable[[], None]) -> None:
    """Starts at the cheapest setting that is accurate enough and lowers knob after knob; a step too far is halved.

    Ends where no knob can be lowered by one more level, or when the study has `trials` settings.

    Args:
        study: Where the settings are from and go to.
        measure: Measures a setting.
        least_accuracy: The accuracy that must be kept.
        trials: Settings to measure in all.
        advance: Called after each of them.
    """
    good = [trial for trial in study.trials() if reaches(trial.accuracy, least_accuracy)]
    if not good:
        return
    best = min(good, key=lambda trial: trial.cost)
    steps = {name: max(1, level // _FIRST_STEP) for name, level in best.levels.items()}
    while any(steps.values()):
        for name, step in steps.items():
            step = min(step, best.levels[name] - 1)
            if step < 1:
                steps[name] = 0
                continue
            if study.count() >= trials:
                return
            lower = study.measured({**best.levels, name: best.levels[name] - step}, "descent", measure, advance)
            if reaches(lower.accuracy, least_accuracy) and lower.cost < best.cost:
                best = lower
            else:
                steps[name] = step // 2
