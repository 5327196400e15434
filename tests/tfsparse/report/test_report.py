# SPDX-License-Identifier: Apache-2.0
"""Pages say what is in the folder of a run or search, load nothing, and name what is missing.

A real browser shows them whole.

All that needs a trained run is in this file, so that one process trains it.
"""

from __future__ import annotations

import io
import json
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

from tfsparse.datasets import Dataset
from tfsparse.errors import ConversionError, InvalidArgumentError
from tfsparse.report import write_report

FROM_THE_FOLDER = ["accuracy-macs", "rounds-02-winners", "energy-rates", "layer-macs", "layer-drops", "history"]
MEASURED = ["winners", "activations"]
EVERYTHING = [*FROM_THE_FOLDER[:-1], *MEASURED, "history"]
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SIZES_OF_PICTURES = """() => [...document.querySelectorAll("figure .picture > *")].map(each => {
    const box = each.getBoundingClientRect();
    return [each.closest("figure").id, box.width, box.height];
})"""
SMALLEST_LETTERS = """() => Math.min(...[...document.querySelectorAll("figure svg text")].map(text => {
    const matrix = text.getScreenCTM();  // a letter may be turned
    return parseFloat(getComputedStyle(text).fontSize) * Math.hypot(matrix.a, matrix.b);
}))"""
INK_ON_PAPER = """() => [getComputedStyle(document.documentElement).backgroundColor,
    getComputedStyle(document.querySelector("figure svg text")).fill]"""
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
    assert len(written.absent) == 2
    assert all("--data" in each.reason for each in written.absent)
    assert "Winners:</strong> Needs samples" in written.page.read_text()


def test_an_unfinished_run_is_shown_as_far_as_it_has_come(runs, tmp_path):
    written = write_report(runs.unfinished, output=tmp_path / "page.html")
    text = written.page.read_text()
    assert "not finished: 1 of 2 stages are, 02-winners missing" in text
    parsed = Page(text)
    assert parsed.figures == ["accuracy-macs", "layer-macs", "layer-drops", "history"]
    assert ["02-winners", "round-1", "1"] in [row[:3] for row in parsed.cells]


def test_multiply_accumulates_by_layer_are_those_of_each_stage(page, runs):
    folders = sorted((runs.finished / "stages").iterdir())
    stages = [json.loads((folder / "facts.json").read_text()) for folder in folders]
    drops = [
        {layer["name"]: 1 - layer["effective_macs"] / layer["macs"] for layer in stage["profile"]["layers"]}
        for stage in stages
    ]
    for name in drops[0]:
        row = [name, *(f"{100 * drop[name]:.1f} %" for drop in drops)]
        assert row in page.cells
    for stage in stages:
        for kind in ("macs", "macs_after_wta", "effective_macs"):
            total = sum(layer[kind] for layer in stage["profile"]["layers"])
            assert total == pytest.approx(stage["result"][kind])


def test_a_run_that_recorded_no_layers_is_measured(runs, digits, written, tmp_path):
    shutil.copytree(runs.finished, tmp_path / "run")
    for path in (tmp_path / "run").glob("stages/*/facts.json"):
        facts = json.loads(path.read_text())
        del facts["profile"]
        path.write_text(json.dumps(facts))
    assert len(write_report(tmp_path / "run").absent) == 4
    again = write_report(tmp_path / "run", digits, samples=20)
    assert not again.absent
    rows, expected = (
        [row for row in Page(path.read_text()).cells if row and row[0] in ("fc2", "all layers") and len(row) in (3, 8)]
        for path in (again.page, written.page)
    )
    assert len(rows) == 3
    assert rows == expected


@pytest.mark.parametrize(
    ("origin", "options"),
    [
        ({"source": None}, ""),
        ({"source": "/d/mnist.npz"}, "--data /d/mnist.npz "),
        ({"source": "/d/my flowers", "image_size": [32, 48]}, "--data &#39;/d/my flowers&#39; --image-size 32x48 "),
        (None, "--data DATA "),
    ],
)
def test_the_page_tells_how_to_repeat_the_run(runs, tmp_path, origin, options):
    shutil.copytree(runs.finished, tmp_path / "run")
    state = json.loads((tmp_path / "run" / "run.json").read_text())
    (tmp_path / "run" / "run.json").write_text(json.dumps({**state, "data_origin": origin}))
    text = write_report(tmp_path / "run").page.read_text()
    command = f"tfsparse train --recipe {tmp_path / 'run' / 'recipe.yaml'} {options}--output NEW_RUN"
    assert f"<code>{command}</code>" in text


def test_a_model_that_was_given_is_given_again(runs, tmp_path):
    shutil.copytree(runs.finished, tmp_path / "run")
    state = json.loads((tmp_path / "run" / "run.json").read_text())
    state["identity"]["recipe"]["model"] = None
    (tmp_path / "run" / "run.json").write_text(json.dumps(state))
    assert "recipe.yaml --model MODEL.keras --data DATA" in write_report(tmp_path / "run").page.read_text()


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


SEARCH = ["search-front", "layer-shares", "sensitivity-winners", "sensitivity-weights"]


def test_a_search_has_a_page(found, search_folder):
    written = write_report(search_folder)
    assert written.page == search_folder / "report.html"
    parsed = Page(written.page.read_text())
    assert parsed.figures == SEARCH
    assert not written.absent
    assert all(each.startswith("#") for each in parsed.loads)
    rows = [row for row in parsed.cells if len(row) == 6 and row[-1] == "yes"]
    assert [row[0] for row in rows] == [found.in_unit(found.chosen.cost)]
    for curve in found.sensitivity.curves:
        rate = found.chosen.rates.get(curve.layers[0], 1.0)
        if curve.kind == "winners":
            shown = [row for row in parsed.cells if row and row[0] == ", ".join(curve.layers)]
            assert sum(f"{rate:.3f}" in row[1:] for row in shown) >= 2  # in the setting, and on the curve


def test_a_search_that_chose_nothing_says_so_and_shows_the_closest(found, search_folder, tmp_path):
    nothing = replace(found, chosen=None, closest=found.chosen, budget=0.0, at_most=found.chosen.cost / 2)
    (tmp_path / "search.json").write_text(nothing.to_json())
    text = write_report(tmp_path).page.read_text()
    assert "No setting has at most 0.00% accuracy lost" in text
    assert "The closest setting by layer" in text
    assert "To train with the chosen rates" not in text
    none = replace(nothing, candidates=(), closest=None)
    (tmp_path / "search.json").write_text(none.to_json())
    assert [each.title for each in write_report(tmp_path).absent] == ["The closest setting by layer"]


def test_a_search_of_a_deep_network_has_a_page(found, tmp_path):
    curves = [replace(curve, layers=(f"{curve.layers[0]}_{copy}",)) for curve in found.sensitivity.curves
              for copy in range(20)]  # fmt: skip
    deep = replace(found, sensitivity=replace(found.sensitivity, curves=tuple(curves)))
    (tmp_path / "search.json").write_text(deep.to_json())
    assert Page(write_report(tmp_path).page.read_text()).figures == SEARCH


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is damaged"),
        ("[]", "another version"),
        ('{"schema_version": 9}', "schema version 9"),
        ('{"schema_version": 1}', "is damaged.*KeyError"),
    ],
)
def test_a_damaged_search_is_named(tmp_path, text, message):
    (tmp_path / "search.json").write_text(text)
    with pytest.raises(InvalidArgumentError, match=message):
        write_report(tmp_path)


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no browser: apt install chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def show(browser, written):
    """Opens the page and returns it with the addresses that it asked for and what the browser complained about."""
    opened = []

    def open_page(scheme, width, path=written.page):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        opened.append(page)
        requests, complaints = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(path.as_uri())
        return page, requests, complaints

    yield open_page
    for page in opened:
        page.close()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360), ("dark", 360)])
def test_the_page_is_shown_whole(show, written, scheme, width):
    page, requests, complaints = show(scheme, width)
    assert [each for each in requests if not each.startswith("data:")] == [written.page.as_uri()]
    assert complaints == []
    sizes = page.evaluate(SIZES_OF_PICTURES)
    assert len(sizes) == 8
    assert all(280 <= shown <= width and height > 100 for _, shown, height in sizes), sizes
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SMALLEST_LETTERS) >= 6
    with Image.open(io.BytesIO(page.screenshot(full_page=True))) as picture:
        grey = picture.convert("L")
        margin = grey.getpixel((2, picture.height // 2))
        darkest, brightest = grey.getextrema()
    assert margin > 200 if scheme == "light" else margin < 60
    assert brightest - darkest > 150


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_page_of_a_search_is_shown_whole(show, search_folder, scheme, width):
    path = write_report(search_folder).page
    page, requests, complaints = show(scheme, width, path)
    assert requests == [path.as_uri()]
    assert complaints == []
    sizes = page.evaluate(SIZES_OF_PICTURES)
    assert [key for key, _, _ in sizes] == SEARCH
    assert all(280 <= shown <= width and height > 100 for _, shown, height in sizes), sizes
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_in_pictures_stand_out(show, scheme):
    page, _, _ = show(scheme, 800)
    paper, ink = (_brightness(color) for color in page.evaluate(INK_ON_PAPER))
    assert (max(paper, ink) + 0.05) / (min(paper, ink) + 0.05) > 7  # WCAG's ratio for AAA


def test_tables_unfold_without_a_script(show):
    page, _, _ = show("light", 360)
    figure = page.locator("figure#history")
    assert not figure.locator("table").is_visible()
    figure.locator("summary").click()
    assert figure.locator("table").is_visible()


def test_headings_and_pictures_can_be_found_by_name(show):
    page, _, _ = show("light", 800)
    assert page.get_by_role("heading", level=1, name="tiny").count() == 1
    assert page.get_by_role("img").count() == 8
    assert page.get_by_role("img", name="epochs in 2 stage(s)").count() == 1


def _brightness(color):
    """Relative luminance of `rgb(r, g, b)`, as WCAG defines it."""
    parts = [int(part) / 255 for part in color.strip("rgb()").split(",")]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
