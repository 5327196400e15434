# SPDX-License-Identifier: Apache-2.0
"""`tfsparse compare` prints verdicts and fails where it was asked to."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.utils.results import noisy, result


@pytest.fixture
def files(tmp_path, monkeypatch):
    """`base.json`, and `twice.json` in which the sparse model takes twice as long."""
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    sparse, dense = noisy(50, generator), noisy(50, generator, milliseconds=3.0)
    (tmp_path / "base.json").write_text(result(sparse, dense).to_json())
    (tmp_path / "twice.json").write_text(result(2 * sparse, dense, threads=2).to_json())
    return "base.json", "twice.json"


def test_verdicts_and_notes_are_printed(cli, files):
    done = cli("compare", *files)
    assert done.exit_code == 0
    lines = {line.split()[0]: line for line in done.output.splitlines() if line.strip()}
    assert lines["sparse"].endswith("slower")
    assert lines["dense"].endswith("no difference shown")
    assert lines["speed-up"].endswith("slower")
    assert "Note: threads differs: 1 and 2." in done.output


def test_json_holds_the_same(cli, files):
    stored = json.loads(cli("compare", *files, "--confidence", 0.9, "--json", "-").stdout)
    assert stored["confidence"] == 0.9
    (comparison,) = stored["comparisons"]
    assert [verdict["verdict"] for verdict in comparison["verdicts"]] == ["slower", "no difference shown", "slower"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--fail-if-slower"], 1),
        (["--fail-if-slower", "50"], 1),
        (["--fail-if-slower", "150"], 0),
        (["--fail-if-slower=50"], 1),
        (["--fail-if-slower", "-1"], 2),
        (["--fail-if-slower", "nan"], 2),
    ],
)
def test_slower_fails_where_asked(cli, files, arguments, code):
    assert cli("compare", *files, *arguments).exit_code == code
    assert cli("compare", *arguments, *files).exit_code == code


def test_folders_hold_repeats(cli, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    for folder, milliseconds in (("before", 1.0), ("after", 2.0)):
        (tmp_path / folder / "phone").mkdir(parents=True)
        (tmp_path / folder / "x.error.json").write_text("{}")
        for name in "abc":
            text = result(noisy(30, generator, milliseconds=milliseconds)).to_json()
            (tmp_path / folder / "phone" / f"{name}.json").write_text(text)
    done = cli("compare", "before", "after")
    assert "after (3 results) beside before (3 results)" in done.output
    assert "slower" in done.output
    assert "measured once" not in done.output
    assert "measured once" in cli("compare", "before/phone/a.json", "after/phone/a.json").output
    (tmp_path / "empty").mkdir()
    assert "no results in the folder" in cli("compare", "before", "empty").stderr


def test_faster_never_fails(cli, files):
    assert cli("compare", *reversed(files), "--fail-if-slower").exit_code == 0


def test_one_file_or_a_wrong_one_is_exit_code_2(cli, files, tmp_path):
    assert "two measurements" in cli("compare", "base.json").stderr
    (tmp_path / "old.json").write_text('{"schema_version": 1}')
    done = cli("compare", "base.json", "old.json")
    assert done.exit_code == 2
    assert "Measure again" in done.stderr
    assert cli("compare", "base.json", "none.json").exit_code == 2


def test_a_missing_file_is_named(cli, tmp_path):
    done = cli("compare", tmp_path / "a.json", tmp_path / "b.json")
    assert done.exit_code == 2
    assert f"Error: {tmp_path / 'a.json'} cannot be used. Received: No such file or directory." in done.stderr
