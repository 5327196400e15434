# SPDX-License-Identifier: Apache-2.0
"""Pages say what is in the folder of a run, load nothing, and name what is missing."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser

import numpy as np
import pytest

from tfsparse.datasets import Dataset
from tfsparse.errors import ConversionError, InvalidArgumentError
from tfsparse.report import write_report

FROM_THE_FOLDER = ["accuracy-macs", "rounds-02-winners", "energy-rates", "history"]
MEASURED = ["layer-macs", "layer-drops", "winners", "activations"]
EVERYTHING = [*FROM_THE_FOLDER[:3], *MEASURED, "history"]
LOADING = ("src", "href", "xlink:href", "action", "data", "poster", "srcset")


class Page(HTMLParser):
    """What a page would load, its figures, identifiers and tables."""

    def __init__(self, text):
        super().__init__()
        self.loads, self.figures, self.ids, self.cells, self.tags = [], [], [], [], set()
        self._row = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.tags.add(tag)
        self.loads += [found[name] for name in LOADING if name in found]
        self.ids += [found["id"]] if "id" in found else []
        self.figures += [found["id"]] if tag == "figure" else []
        if tag == "tr":
            self.cells.append([])
        self._in_cell = tag in ("td", "th")

    def handle_data(self, data):
        if self.cells and self._in_cell and data.strip():
            self.cells[-1].append(data.strip())
            self._in_cell = False


@pytest.fixture(scope="module")
def page(written):
    return Page(written.page.read_text())


def test_with_data_every_chart_is_there(page, written):
    assert page.figures == EVERYTHING
    assert not written.absent
    assert sorted(path.name for path in written.pictures) == sorted(f"{key}.png" for key in EVERYTHING)
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in written.pictures)


def test_the_page_loads_nothing(page, written):
    assert all(each.startswith(("#", "data:image/png;base64,")) for each in page.loads)
    text = written.page.read_text()
    assert not re.search(r"url\((?!#)|@import", text)
    assert "default-src 'none'" in text
    assert not page.tags & {"script", "iframe", "link", "object", "embed"}


def test_identifiers_are_unique_and_links_lead_somewhere(page):
    assert len(page.ids) == len(set(page.ids))
    assert {each[1:] for each in page.loads if each.startswith("#")} <= set(page.ids)


def test_the_table_is_that_of_the_run(page, runs):
    stages = json.loads((runs.finished / "results.json").read_text())["stages"]
    rows = {row[0]: row[1:] for row in page.cells if row}
    assert rows["accuracy, test"] == [f"{100 * each['accuracy_test']:.2f} %" for each in stages]
    assert rows["MACs, dense"] == [f"{each['macs']:,}" for each in stages]
    shares = [each["macs_after_wta"] / each["macs"] for each in stages]
    expected = [f"{each['macs_after_wta']:,} ({100 * share:.1f} %)" for each, share in zip(stages, shares, strict=True)]
    assert rows["MACs after winners"] == expected


def test_every_epoch_is_in_the_history(page, runs):
    epochs = json.loads((runs.finished / "history.json").read_text())
    named = [row for row in page.cells if len(row) == 7 and row[0] in ("01-dense", "02-winners")]
    assert [(row[0], row[1], row[2], row[3]) for row in named] == [
        (each["stage"], each["leg"], str(each["epoch"]), f"{each['loss']:.4f}") for each in epochs
    ]


def test_the_same_run_gives_the_same_page(runs, tmp_path):
    pages = [write_report(runs.finished, output=tmp_path / name).page.read_bytes() for name in ("a.html", "b.html")]
    assert pages[0] == pages[1]


def test_without_data_the_page_says_what_data_would_add(runs, tmp_path):
    written = write_report(runs.finished, output=tmp_path / "page.html")
    assert Page(written.page.read_text()).figures == FROM_THE_FOLDER
    assert len(written.absent) == 4
    assert all("--data" in each.reason for each in written.absent)
    assert "Winners:</strong> Needs samples" in written.page.read_text()


def test_an_unfinished_run_is_shown_as_far_as_it_has_come(runs, tmp_path):
    written = write_report(runs.unfinished, output=tmp_path / "page.html")
    text = written.page.read_text()
    assert "not finished: 1 of 2 stages are, 02-winners missing" in text
    parsed = Page(text)
    assert parsed.figures == ["accuracy-macs", "history"]
    assert ["02-winners", "round-1", "1"] in [row[:3] for row in parsed.cells]


def test_a_run_that_has_just_begun_has_a_page(runs, digits, tmp_path):
    shutil.copytree(runs.finished, tmp_path / "run", ignore=shutil.ignore_patterns("stages", "results.json"))
    state = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps({**state, "state": "running"}))
    written = write_report(tmp_path / "run", digits)
    assert written.page == tmp_path / "run" / "report.html"
    assert Page(written.page.read_text()).figures == []
    assert len(written.absent) == 7


def test_other_samples_are_noted(runs, digits, tmp_path):
    other = Dataset(digits.x_train, digits.y_train, digits.x_test[::-1].copy(), digits.y_test[::-1].copy())
    text = write_report(runs.finished, other, output=tmp_path / "page.html", samples=10).page.read_text()
    assert "samples given are not those of the run" in text


def test_samples_of_another_shape_are_refused(runs, tmp_path):
    x, y = np.zeros((20, 5, 5, 1), np.float32), np.arange(20) % 2
    with pytest.raises(InvalidArgumentError, match="do not fit the network's input"):
        write_report(runs.finished, Dataset(x, y, x, y), output=tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_files_of_others_stay(runs, tmp_path):
    (tmp_path / "page.html").write_text("mine")
    with pytest.raises(ConversionError, match="exists already"):
        write_report(runs.finished, output=tmp_path / "page.html")
    (tmp_path / "history.png").write_text("mine, too")
    with pytest.raises(ConversionError, match="holds pictures already"):
        write_report(runs.finished, output=tmp_path / "new.html", png=tmp_path)
    assert (tmp_path / "page.html").read_text() == "mine"
    assert (tmp_path / "history.png").read_text() == "mine, too"
    write_report(runs.finished, output=tmp_path / "page.html", png=tmp_path, overwrite=True)
    assert (tmp_path / "history.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: None, r"no run in .*Received: no such folder"),
        (lambda folder: folder.mkdir(), r"no run in .*Received: an empty folder"),
        (lambda folder: folder.write_text(""), r"no run in .*Received: a file"),
    ],
)
def test_what_is_no_run_is_refused(tmp_path, make, message):
    make(tmp_path / "run")
    with pytest.raises(InvalidArgumentError, match=message):
        write_report(tmp_path / "run")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("run.json", "{", "run.json is damaged"),
        ("run.json", "[]", "another version"),
        ("run.json", '{"schema_version": 99}', "schema version 99"),
        ("run.json", '{"schema_version": 1, "state": "finished"}', "run.json is damaged"),
        ("stages/01-dense/facts.json", "}", "facts.json is damaged"),
        ("stages/01-dense/facts.json", '{"result": {"stage": "01-dense"}}', "facts.json is damaged"),
    ],
)
def test_damaged_files_are_named(runs, tmp_path, file, text, message):
    shutil.copytree(runs.unfinished, tmp_path / "run")
    (tmp_path / "run" / file).write_text(text)
    with pytest.raises(InvalidArgumentError, match=message):
        write_report(tmp_path / "run")
