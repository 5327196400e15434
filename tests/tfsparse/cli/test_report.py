# SPDX-License-Identifier: Apache-2.0
"""The command writes a page, says where it is, and refuses what is no run."""

from __future__ import annotations

import json

import pytest

RESULT = {
    **{"stage": "01-dense", "accuracy_val": 0.9, "accuracy_test": 0.875, "macs": 1000, "macs_after_wta": 1000},
    **{"effective_macs": 640.5, "weight_zeros": 0.0, "activation_zeros": 0.4, "seconds": 12.5, "shortcomings": []},
}
DATA = {"train": [8, 4, 4, 1], "test": [4, 4, 4, 1], "dtype": "float32", "blake2b": "0"}
RECIPE = {
    **{"name": "small", "model": "mlp3", "seed": 0, "precision": "float32", "data": {"validation_share": 0.1}},
    **{"stages": [{"stage": "dense"}]},
}


@pytest.fixture
def run(tmp_path):
    """The folder of a run of one stage, without its model."""
    stage = tmp_path / "run" / "stages" / "01-dense"
    stage.mkdir(parents=True)
    identity = {"recipe": RECIPE, "data": DATA, "backend": "jax", "tfsparse": "0.1.0"}
    state = {"schema_version": 1, "state": "finished", "identity": identity}
    (tmp_path / "run" / "run.json").write_text(json.dumps(state))
    (stage / "facts.json").write_text(json.dumps({"result": RESULT}))
    (stage / "history.csv").write_text("leg,epoch,loss,accuracy\ntraining,1,0.5,0.75\n")
    return tmp_path / "run"


def test_the_page_is_written_into_the_folder_and_again(cli, run):
    for _ in range(2):
        result = cli("report", run)
        assert result.exit_code == 0, result.stderr
    assert result.stdout.split() == [str(run / "report.html")]
    assert "Needs samples: give --data" in result.stderr.replace("\n", " ")
    assert "87.50 %" in (run / "report.html").read_text()


def test_pictures_go_to_a_folder(cli, run, tmp_path):
    result = cli("report", run, "--output", tmp_path / "page.html", "--png", tmp_path / "charts")
    assert result.exit_code == 0, result.stderr
    assert {path.name for path in (tmp_path / "charts").iterdir()} == {"accuracy-macs.png", "history.png"}
    assert not (run / "report.html").exists()
    refused = cli("report", run, "--output", tmp_path / "page.html")
    assert refused.exit_code == 2
    assert "exists already" in refused.stderr


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda folder: None, "no such folder"),
        (lambda folder: folder.mkdir(), "an empty folder"),
        (lambda folder: folder.write_text(""), "a file"),
    ],
)
def test_what_is_no_run_is_refused_in_one_message(cli, tmp_path, make, received):
    make(tmp_path / "none")
    result = cli("report", tmp_path / "none")
    assert result.exit_code == 2
    assert "There is neither a run nor a finished search in" in result.stderr
    assert f"Received: {received}" in result.stderr.replace("\n", " ")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("run.json", "{", "run.json is damaged"),
        ("run.json", "[]", "another version"),
        ("run.json", '{"schema_version": 99}', "schema version 99"),
        ("run.json", '{"schema_version": 1, "state": "finished"}', "run.json is damaged"),
        ("stages/01-dense/facts.json", "}", "facts.json is damaged"),
        ("stages/01-dense/history.csv", "a,b\n1,2\n", "history.csv is damaged"),
        (
            "stages/01-dense/facts.json",
            json.dumps({"result": RESULT, "profile": {"samples": 1, "layers": [{"macs": 5}]}}),
            "facts.json is damaged",
        ),
        ("stages/01-dense/facts.json", '{"rounds": [{}], "best_round": 1}', "facts.json is damaged"),
        ("stages/01-dense/facts.json", '{"rounds": 2}', "facts.json is damaged"),
        ("stages/01-dense/facts.json", '{"result": {"stage": "01-dense"}}', "facts.json is damaged"),
    ],
)
def test_damaged_files_are_named(cli, run, file, text, message):
    (run / file).write_text(text)
    result = cli("report", run)
    assert result.exit_code == 2
    assert message in result.stderr.replace("\n", " ")


def test_a_search_that_is_not_finished_is_told_to_go_on(cli, tmp_path):
    (tmp_path / "study.journal").touch()
    result = cli("report", tmp_path)
    assert result.exit_code == 2
    assert "Finish the search" in result.stderr


def test_the_options_of_data_are_those_of_train(cli, run):
    result = cli("report", run, "--data", "digits", "--image-size", "8")
    assert result.exit_code == 2
    assert "for folders of images" in result.stderr


def test_data_that_is_not_there_is_refused_before_the_work(cli, run, tmp_path):
    result = cli("report", run, "--data", tmp_path / "none.npz")
    assert result.exit_code == 2
    assert "none.npz" in result.stderr
