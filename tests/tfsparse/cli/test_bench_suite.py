# SPDX-License-Identifier: Apache-2.0
"""`tfsparse bench suite` measures, prints, judges, and writes JSON."""

from __future__ import annotations

import dataclasses
import json
import signal

import pytest

from tfsparse.bench.models.layers import LayerShape
from tfsparse.bench.suite import sections
from tfsparse.bench.suite.layer_points import LayerPoint

LAYERS = [
    LayerShape("resnet18", "stage", "conv2d", 14, 14, 8, 16, 3, 1),
    LayerShape("mobilenet_v1", "pointwise", "conv2d", 6, 6, 8, 16, 1, 1),
]


@pytest.fixture(autouse=True)
def few_layers(monkeypatch):
    monkeypatch.setattr(sections, "load_shapes", lambda: LAYERS)


def suite(cli, *arguments):
    return cli("bench", "suite", "--quick", *arguments)


def test_sections_and_verdicts_are_printed(cli):
    result = suite(cli, "--only", "conv", "--only", "pointwise")
    assert result.exit_code == 0
    assert "conv: Convolutions of AlexNet" in result.output
    assert "resnet18 stage" in result.output
    assert "mobilenet_v1 pointwise" in result.output
    assert "≥ 0.95" in result.output
    assert "reached" in result.output


def test_json_holds_what_was_asked_for(cli, tmp_path):
    path = tmp_path / "suite.json"
    result = suite(cli, "--only", "pointwise", "--threads", "2,1", "--rates", "0.25,0.5,0.75", "--json", path)
    assert result.exit_code == 0
    assert "at 0.25" in result.output
    stored = json.loads(path.read_text())
    assert (stored["threads"], stored["winner_rates"]) == ([2, 1], [0.25, 0.5, 0.75])
    assert len(stored["sections"][0]["rows"]) == 6
    assert json.loads(suite(cli, "--only", "pointwise", "--json", "-").stdout)["threads"] == [1]


@pytest.mark.parametrize(("bound", "exit_code"), [(1e-6, 0), (1e6, 1)])
def test_check_fails_where_a_target_is_missed(cli, monkeypatch, bound, exit_code):
    pointwise = next(section for section in sections.SECTIONS if section.name == "pointwise")
    target = dataclasses.replace(pointwise.targets[0], bound=bound)
    changed = dataclasses.replace(pointwise, targets=(target,))
    monkeypatch.setattr("tfsparse.bench.suite.run.SECTIONS", (changed,))
    assert suite(cli).exit_code == 0
    assert suite(cli, "--check").exit_code == exit_code


def test_interrupting_keeps_the_files_that_were_there(cli, tmp_path, monkeypatch):
    path = tmp_path / "suite.json"
    path.write_text("old")
    measure = LayerPoint.measure

    def interrupted(point, settings):
        if point.shape.network == "mobilenet_v1":
            signal.raise_signal(signal.SIGINT)
        return measure(point, settings)

    monkeypatch.setattr(LayerPoint, "measure", interrupted)
    result = suite(cli, "--only", "conv", "--only", "pointwise", "--json", path)
    assert result.exit_code == 130
    assert "resnet18 stage" in result.output
    assert "Interrupted" in result.stderr
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["suite.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--only", "convolution"], "one of conv, winograd"),
        (["--threads", "two"], "numbers and commas"),
        (["--threads", "0"], "threads from 1"),
        (["--rates", "0.5,1.5"], "winner_rate"),
    ],
)
def test_wrong_arguments_are_refused(cli, arguments, message):
    result = suite(cli, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
