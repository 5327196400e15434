# SPDX-License-Identifier: Apache-2.0
"""A search beats one energy for all layers, keeps its budget, and says what it cannot find."""

from __future__ import annotations

import json
from dataclasses import replace

import keras
import numpy as np
import pytest

import tfsparse as ts
from tfsparse.analysis.winner_rates import layer_energies
from tfsparse.errors import InvalidArgumentError
from tfsparse.recipes.files import parse_recipe
from tfsparse.search import Timing, search_rates
from tfsparse.search.allocation import energy_settings
from tfsparse.search.scoring import Scorer
from tfsparse.search.tunable import TunableModel

BUDGET = 0.02


def accuracy(model, part):
    x, y = part
    return np.mean(np.argmax(model.predict_on_batch(x), axis=1) == y)


def cheapest_energy(digits, least):
    """The fewest MACs that one threshold for all layers gives at this accuracy, of sixty thresholds."""
    x, y = digits.validation
    tunable = TunableModel(digits.model, x[:1])
    score = Scorer(tunable.masked, x, y, 256)
    energies = layer_energies(digits.model, x)
    settings = energy_settings(tunable.knobs, energies, 1 - np.geomspace(1e-7, 0.5, 60))
    return min(tunable.macs(each) for each in [{}, *settings] if score(tunable.set(each)).accuracy >= least)


TRIALS = 45


@pytest.fixture(scope="module")
def storage(tmp_path_factory):
    return str(tmp_path_factory.mktemp("search") / "study.journal")


@pytest.fixture(scope="module")
def found(digits, storage):
    return search_rates(digits.model, *digits.validation, budget=BUDGET, trials=TRIALS, storage=storage, verbose=False)


def test_it_beats_one_energy_for_all_layers(digits, found):
    assert found.chosen.macs < 0.9 * cheapest_energy(digits, found.accuracy - BUDGET)


def test_the_choice_is_the_network_that_it_says(digits, found):
    assert found.chosen.accuracy >= found.accuracy - BUDGET
    assert accuracy(found.network, digits.validation) == pytest.approx(found.chosen.accuracy)
    assert ts.profile(found.network, digits.test[0][:1]).macs_after_wta == found.chosen.macs == found.chosen.cost
    assert accuracy(digits.model, digits.validation) == pytest.approx(found.accuracy)


def test_the_recipe_has_the_rates_of_the_choice(digits, found):
    recipe = parse_recipe(found.recipe(), "found")
    assert (recipe.name, recipe.model) == ("searched-digits_net", "digits_net")
    assert [stage.stage for stage in recipe.stages] == ["dense", "winners"]
    rebuilt = ts.sparsify(digits.model, recipe.stages[1].rates)
    x = digits.test[0]
    np.testing.assert_array_equal(rebuilt.predict_on_batch(x), found.network.predict_on_batch(x))
    other = replace(found, model="my net/1")
    assert (other.recipe()["name"], other.recipe()["model"]) == ("searched-my-net-1", None)


def test_json_holds_everything_but_the_network(found):
    content = json.loads(found.to_json())
    assert content["recipe"] == found.recipe()
    assert len(content["candidates"]) == len(found.candidates)
    assert content["chosen"] in content["front"]
    assert "network" not in content


def test_the_table_shows_the_front_and_the_choice(found):
    text = str(found)
    assert text.splitlines()[-1] == found.verdict()
    assert sum(line.startswith(" *") for line in text.splitlines()) == 1


def test_the_picture_shows_where_settings_come_from(found, tmp_path):
    found.plot(tmp_path / "front.svg")
    drawn = (tmp_path / "front.svg").read_text()
    for label in ("one energy for all layers", "greedy by sensitivity", "front", "chosen", "dense", "MACs"):
        assert label in drawn
    nothing = replace(found, chosen=None, candidates=(), target="milliseconds", at_most=3.0)
    nothing.plot(tmp_path / "empty.svg")
    assert "milliseconds" in (tmp_path / "empty.svg").read_text()


def test_a_finished_study_answers_other_questions_without_measuring_again(digits, found, storage):
    x, y = digits.validation
    at_most = 0.5 * found.macs
    fastest = search_rates(
        digits.model, x, y, budget=0.9, at_most=at_most, trials=TRIALS, storage=storage, verbose=False
    )
    assert fastest.candidates == found.candidates
    within = [each for each in found.candidates if each.cost <= at_most]
    assert fastest.chosen.accuracy == max(each.accuracy for each in within)


def test_a_budget_of_few_samples_is_named_as_doubtful(digits, found, storage, capsys):
    search_rates(digits.model, *digits.validation, budget=0.001, trials=1, storage=storage)
    assert "A budget of 0.001 is 0.4 of 447 samples" in capsys.readouterr().err


def test_what_is_impossible_is_told_with_what_comes_closest(digits, found, storage):
    impossible = search_rates(
        digits.model, *digits.validation, budget=0.0, at_most=1.0, trials=TRIALS, storage=storage, verbose=False
    )
    assert impossible.chosen is None
    assert impossible.network is None
    assert json.loads(impossible.to_json())["recipe"] is None
    with pytest.raises(InvalidArgumentError, match="chose nothing"):
        impossible.recipe()
    assert impossible.closest == min(impossible.candidates, key=lambda each: each.cost)
    assert "No setting has at most 0.00% accuracy lost at 0.000M MACs or less. The closest" in impossible.verdict()


def test_the_study_of_another_model_is_refused(digits, found, storage):
    x, y = digits.validation
    with pytest.raises(InvalidArgumentError, match="another model"):
        search_rates(keras.models.clone_model(digits.model), x, y, storage=storage, verbose=False)
    with pytest.raises(InvalidArgumentError, match="another set of samples"):
        search_rates(digits.model, x[1:], y[1:], storage=storage, verbose=False)


def test_finetuned_settings_are_cheaper_and_keep_their_zeros(digits):
    x, y = digits.train
    x_val, y_val = digits.validation[0][:200], digits.validation[1][:200]

    def finetune(model, callbacks, name):
        keras.utils.set_random_seed(0)  # whatever ran before
        model.compile(keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
        model.fit(x, y, batch_size=50, epochs=1, verbose=0, callbacks=callbacks)

    found = search_rates(
        digits.model,
        x_val,
        y_val,
        budget=BUDGET,
        trials=17,
        sparsities=True,
        exclude=["conv1", "conv2", "conv3"],
        finetune=finetune,
        finetunings=2,
        verbose=False,
    )
    finetuned = [each for each in found.candidates if each.finetuned_accuracy is not None]
    assert 1 <= len(finetuned) <= 2
    assert found.chosen in finetuned
    assert found.chosen.finetuned_accuracy >= found.accuracy - BUDGET
    assert found.chosen.cost < found.cost
    assert accuracy(found.network, (x_val, y_val)) == pytest.approx(found.chosen.finetuned_accuracy)
    kernels = {row.name: row.weight_sparsity for row in ts.profile(found.network, x[:1]).layers}
    assert found.chosen.sparsities
    for name, sparsity in found.chosen.sparsities.items():
        assert kernels[name] == pytest.approx(sparsity, abs=0.01)
    stages = parse_recipe(found.recipe(), "found").stages
    assert stages[-1].sparsity == found.chosen.sparsities


def test_milliseconds_are_measured_beside_the_dense_model(digits):
    found = search_rates(
        digits.model,
        digits.validation[0][:50],
        digits.validation[1][:50],
        budget=0.9,
        target="milliseconds",
        trials=2,
        timing=Timing(runs=10),
        verbose=False,
    )
    assert {each.origin for each in found.candidates} == {"dense", "greedy"}
    dense = next(each for each in found.candidates if each.origin == "dense")
    assert dense.cost == found.cost > 0
    assert all(each.cost > 0 for each in found.candidates)
    assert "ms" in found.verdict()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"budget": 1.0}, "budget"),
        ({"budget": float("nan")}, "budget"),
        ({"target": "seconds"}, "target"),
        ({"at_most": 0}, "at_most"),
        ({"trials": 0}, "trials"),
        ({"finetunings": 1.5}, "finetunings"),
        ({"target": "milliseconds", "sparsities": True}, "do not make the kernels faster"),
    ],
)
def test_arguments_out_of_range_are_refused(digits, arguments, message):
    with pytest.raises(InvalidArgumentError, match=message):
        search_rates(digits.model, *digits.validation, **arguments)
