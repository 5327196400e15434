# SPDX-License-Identifier: Apache-2.0
"""A page as a real browser shows it: light, dark, on a phone; it asks for nothing but itself."""

from __future__ import annotations

import io
import shutil

import pytest
from PIL import Image
from playwright.sync_api import sync_playwright

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

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no browser: apt install chromium")


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture
def show(browser, written):
    """Opens the page and returns it with the addresses that it asked for and what the browser complained about."""
    opened = []

    def open_page(scheme, width):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        opened.append(page)
        requests, complaints = [], []
        page.on("request", lambda request: requests.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(written.page.as_uri())
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
