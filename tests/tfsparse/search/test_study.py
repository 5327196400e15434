# SPDX-License-Identifier: Apache-2.0
"""A study goes on where it was left, is shared, and takes no other model's measurements for its own."""

from __future__ import annotations

import pytest

from tfsparse.errors import InvalidArgumentError
from tfsparse.search.knobs import Knob
from tfsparse.search.study import Study

KNOBS = {name: Knob("winners", (name,), 20, (name,), lambda level: None) for name in ("a", "b")}
SUBJECT = {"model": "1234", "target": "macs"}


def opened(storage=None, subject=SUBJECT, name="test"):
    return Study(storage, name, subject, KNOBS, least_accuracy=0.5, seed=0)


def measure(levels):
    """Accuracy falls with the one knob faster than with the other, which costs twice as much."""
    accuracy = 1.0 - 0.03 * (20 - levels["a"]) - 0.01 * (20 - levels["b"])
    return accuracy, 1.0 - accuracy, float(levels["a"] + 2 * levels["b"])


@pytest.fixture(params=["journal", "sqlite"])
def storage(request, tmp_path):
    return str(tmp_path / "study.journal") if request.param == "journal" else f"sqlite:///{tmp_path}/study.db"


def test_proposals_come_first_and_once():
    study = opened()
    study.propose({"a": 3}, "greedy")
    study.propose({"a": 3, "b": 20}, "energy")
    study.propose({}, "dense")
    study.run(measure, 4, lambda: None)
    assert [(trial.levels, trial.origin) for trial in study.trials()[:2]] == [
        ({"a": 3, "b": 20}, "greedy"),
        ({"a": 20, "b": 20}, "dense"),
    ]
    assert {trial.origin for trial in study.trials()[2:]} == {"search"}


def test_it_goes_on_where_it_was_left(storage):
    first = opened(storage)
    first.propose({"a": 3}, "greedy")
    first.run(measure, 5, lambda: None)
    again = opened(storage)
    assert again.trials() == first.trials()
    again.propose({"a": 3}, "greedy")
    steps = []
    again.run(measure, 8, lambda: steps.append(1))
    assert (len(steps), again.count(), first.count()) == (3, 8, 8)


def test_an_interrupted_setting_is_measured_again_and_nothing_else_is_lost(tmp_path):
    storage = str(tmp_path / "study.journal")
    study = opened(storage)
    study.propose({"a": 1}, "greedy")
    study.propose({"a": 2}, "greedy")

    def interrupted(levels):
        if levels["a"] == 2:
            raise KeyboardInterrupt
        return measure(levels)

    with pytest.raises(KeyboardInterrupt):
        study.run(interrupted, 5, lambda: None)
    again = opened(storage)
    assert [trial.levels["a"] for trial in again.trials()] == [1]
    for level in (1, 2):
        again.propose({"a": level}, "greedy")
    again.run(measure, 2, lambda: None)
    assert [trial.levels["a"] for trial in again.trials()] == [1, 2]


def test_what_is_remembered_is_made_once(tmp_path):
    storage = str(tmp_path / "study.journal")
    assert opened(storage).remember("curves", lambda: {"a": [1, 2]}) == {"a": [1, 2]}
    assert opened(storage).remember("curves", lambda: pytest.fail("made again")) == {"a": [1, 2]}


def test_the_sampler_finds_what_beats_the_proposals():
    study = opened()
    for level in (5, 10, 15):
        study.propose({"a": level, "b": level}, "energy")
    study.run(measure, 40, lambda: None)
    good = [trial for trial in study.trials() if trial.accuracy >= 0.8 - 1e-9]  # at 15 and 15
    assert min(trial.cost for trial in good) < 45


def test_a_study_of_something_else_is_refused(tmp_path):
    storage = str(tmp_path / "study.journal")
    opened(storage)
    with pytest.raises(InvalidArgumentError, match=r"another model\. Expected: model 1234\. Received: model 99"):
        opened(storage, {**SUBJECT, "model": "99"})
    opened(storage, {**SUBJECT, "model": "99"}, name="other")


def test_storages_that_cannot_be_used_are_told(tmp_path):
    (tmp_path / "text").write_text("no journal at all\n" * 3)
    for bad in (tmp_path / "text", tmp_path / "none" / "study.journal", "nodb:///x", f"sqlite:///{tmp_path}/none/x.db"):
        with pytest.raises(InvalidArgumentError, match="cannot be used"):
            opened(str(bad))
    assert (tmp_path / "text").read_text().startswith("no journal")
