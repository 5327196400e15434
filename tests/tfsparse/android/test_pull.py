# SPDX-License-Identifier: Apache-2.0
"""Results are fetched once, nothing here is written over, and nothing there is deleted that is not safe here."""

from __future__ import annotations

import pytest

from tfsparse.android.pull import DIFFERENT, FETCHED, PRESENT, keep, pull
from tfsparse.errors import PhoneLostError


@pytest.fixture
def results(phones, phone):
    """Two results of the app and one of a program, and what is no result."""
    folder = phones.results()
    outputs = phones.root() / "data/local/tmp/tfsparse/outputs"
    for inner in (folder, outputs):
        inner.mkdir(parents=True)
    (folder / "a.json").write_text("A")
    (folder / "b.error.json").write_text("B")
    (folder / "c.json.tmp").write_text("half")
    (folder / "d e.json").write_text("a name that the app never gives")
    (outputs / "n.json").write_text("N")
    return folder


def test_what_is_not_here_is_fetched_once(phone, results, tmp_path):
    output = tmp_path / "results"
    assert {one.name: one.status for one in pull(phone, output)} == dict.fromkeys(
        ["a.json", "b.error.json", "n.json"], FETCHED
    )
    assert (output / "phone1" / "a.json").read_text() == "A"
    assert {one.status for one in pull(phone, output)} == {PRESENT}
    assert (results / "a.json").exists()


def test_another_file_of_the_name_stays_on_both_sides(phone, results, tmp_path):
    keep(tmp_path, "phone1", "a.json", b"mine")
    found = {one.name: one for one in pull(phone, tmp_path, remove=True)}
    assert (found["a.json"].status, found["a.json"].removed) == (DIFFERENT, False)
    assert (tmp_path / "phone1" / "a.json").read_bytes() == b"mine"
    assert (results / "a.json").read_text() == "A"
    assert found["b.error.json"].removed
    assert not (results / "b.error.json").exists()
    assert (results / "c.json.tmp").exists()


def test_what_arrives_broken_is_neither_kept_nor_deleted(phone, phones, results, tmp_path):
    phones.fault("phone1", {"match": "^pull", "do": "garbage", "times": 9})
    with pytest.raises(PhoneLostError, match="did not arrive"):
        pull(phone, tmp_path / "out", remove=True)
    assert not (tmp_path / "out").exists()
    assert (results / "a.json").exists()


def test_a_phone_without_results_has_none(phone, tmp_path):
    assert pull(phone, tmp_path) == []


def test_what_is_kept_is_not_written_over(tmp_path):
    assert keep(tmp_path, "10.0.0.1:5555", "a.json", b"first")
    assert not keep(tmp_path, "10.0.0.1:5555", "a.json", b"second")
    assert (tmp_path / "10.0.0.1_5555" / "a.json").read_bytes() == b"first"
