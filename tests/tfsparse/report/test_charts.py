# SPDX-License-Identifier: Apache-2.0
"""Charts show the numbers that they are given, whatever their size and names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfsparse.analysis.histograms import Histogram
from tfsparse.report import images, page
from tfsparse.report.before_after import BeforeAfter
from tfsparse.report.chart import Absent, DataTable
from tfsparse.report.charts.activation_histograms import activation_histograms
from tfsparse.report.charts.axes import accuracy_limits
from tfsparse.report.charts.energy_rates import energy_rates, measured_curves, recorded_curves
from tfsparse.report.charts.winner_map import winner_map
from tfsparse.report.heading import Heading, NextStep, Results
from tfsparse.report.mask_winners import MaskWinners
from tfsparse.report.theme import COLORS, drawing

HOSTILE = "_<script>alert(1)</script>&$x_1$"
STEP = NextStep(HOSTILE, HOSTILE, HOSTILE)
HEADING = Heading(HOSTILE, HOSTILE, (HOSTILE,), (), HOSTILE, ((HOSTILE, HOSTILE),), STEP, HOSTILE)


@pytest.fixture(autouse=True)
def _drawing():
    with drawing():
        yield


def curves_of(count, units=50):
    rng = np.random.default_rng(0)
    return measured_curves({f"layer-{index}": np.sort(rng.random(units))[::-1] for index in range(count)})


def mask_of(name, units=30, classes=3):
    by_class = np.random.default_rng(1).random((classes, units))
    return MaskWinners(name, "channel", by_class.mean(axis=0), by_class, 0.4, None)


def histogram_of(*values):
    histogram = Histogram()
    histogram.add(np.array(values, np.float32))
    return histogram


@given(st.lists(st.floats(0, 1), min_size=1))
def test_an_accuracy_axis_shows_all_points_and_exaggerates_nothing(accuracies):
    low, high = accuracy_limits(accuracies)
    assert 0 <= low <= 100 * min(accuracies)
    assert 100 * max(accuracies) <= high <= 101
    assert high - low >= 1.0


def test_an_energy_curve_is_the_cumulative_sum():
    energies = np.array([6.0, 3.0, 1.0, 0.0])
    chart = energy_rates("here", measured_curves({"fc": energies}), {"fc": 0.5})
    axes = chart.figure.axes[0]
    curve, dot = axes.lines
    assert curve.get_xdata().tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert curve.get_ydata().tolist() == pytest.approx([0, 60, 90, 100, 100])
    assert (dot.get_xdata()[0], dot.get_ydata()[0]) == (0.5, pytest.approx(90))
    assert axes.get_xlim() == (0, 1)
    assert axes.get_ylim()[0] == 0
    assert chart.table.rows == [["fc", "0.500", "0.500", "0.750", "0.750", "0.750", "0.500"]]


def test_a_layer_that_reads_zeros_alone_has_no_curve():
    assert list(measured_curves({"dead": np.zeros(4), "fc": np.ones(4)})) == ["fc"]
    assert isinstance(energy_rates("here", measured_curves({"dead": np.zeros(4)}), {}), Absent)


def test_recorded_curves_are_drawn_as_they_are():
    facts = {"energy_curves": {"energy": [0.5, 0.9, 0.99, 1.0], "rates": {"fc": [0.1, 0.2, 0.4, 0.8]}}}
    chart = energy_rates("here", recorded_curves(facts), {})
    assert chart.figure.axes[0].lines[0].get_xdata().tolist() == [0.1, 0.2, 0.4, 0.8]
    assert chart.table.rows == [["fc", "0.200", "0.200", "0.400", "0.400", "0.800", "-"]]
    assert recorded_curves({}) == {}


def test_many_curves_are_told_apart_by_depth():
    chart = energy_rates("here", curves_of(40), {})
    assert len(chart.figure.axes) == 2  # the curves, and a bar that explains their colours
    assert len(chart.table.rows) == 40


@pytest.mark.parametrize(("masks", "panels"), [(2, 2), (30, 1)])
def test_winners_are_shown_by_class_or_else_by_mask(masks, panels):
    chart = winner_map([mask_of(f"wta_{index}") for index in range(masks)], samples=9)
    images_of = [axes for axes in chart.figure.axes if axes.images]
    assert len(images_of) == panels
    assert all(image.get_array().min() >= 0 and image.get_array().max() <= 1 for image in images_of[0].images)
    assert len(chart.table.rows) == masks


def test_neighbours_are_averaged_where_neurons_are_too_many_to_be_seen():
    chart = winner_map([mask_of("wta", units=5000)], samples=9)
    shown = chart.figure.axes[0].images[0].get_array()
    assert shown.shape[1] <= 256
    assert float(shown.mean()) == pytest.approx(float(mask_of("wta", units=5000).by_class.mean()), rel=0.01)


def test_zeros_are_counted_but_not_drawn():
    site = BeforeAfter("relu", False, histogram_of(0, 0, 1, 2), histogram_of(0, 0, 0, 2))
    chart = activation_histograms(("01-dense", "02-activations"), [site], samples=1)
    heights = [100 * 0.5, 100 * 0.25]  # two of four values are not zero, then one of four
    drawn = [float(patch.get_data().values.sum()) for patch in chart.figure.axes[0].patches]
    assert drawn == pytest.approx([heights[0], heights[0], heights[1], heights[1]])
    assert "zeros 50.0 % → 75.0 %" in chart.figure.axes[0].get_title(loc="left")
    assert chart.table.rows[0][:3] == ["relu", "50.0 %", "75.0 %"]


def test_values_below_zero_are_drawn_too():
    site = BeforeAfter("tanh", False, histogram_of(-1, -0.5, 0.5, 1), histogram_of(-1, 0, 0, 1))
    chart = activation_histograms(("a", "b"), [site], samples=1)
    assert chart.figure.axes[0].get_xlim()[0] < -0.9


def test_of_many_places_some_are_drawn_and_all_are_in_the_table():
    sites = [BeforeAfter(f"relu{index}", False, histogram_of(0, 1), histogram_of(0, 1)) for index in range(30)]
    chart = activation_histograms(("a", "b"), sites, samples=1)
    assert "8 of 30 places are shown" in chart.caption
    assert len(chart.table.rows) == 30


def test_a_network_of_zeros_is_drawn():
    site = BeforeAfter("dead", False, histogram_of(0, 0), histogram_of(0))
    assert activation_histograms(("a", "b"), [site], samples=1).table.rows[0][1:3] == ["100.0 %", "100.0 %"]


def test_names_from_files_are_text_on_the_page():
    chart = energy_rates(HOSTILE, measured_curves({HOSTILE: np.ones(4)}), {})
    results = Results(HOSTILE, DataTable((HOSTILE, HOSTILE), [[HOSTILE, HOSTILE]]), HOSTILE)
    text = page.render_page(HEADING, results, [chart])
    assert "<script" not in text
    assert text.count("&lt;script&gt;") >= 10  # in the legend of the picture, too
    assert "$x_1$" in text


def test_a_picture_of_too_many_parts_becomes_a_png(monkeypatch):
    chart = energy_rates("here", curves_of(3), {})
    monkeypatch.setattr(page, "SVG_LIMIT", 1000)
    text = page.render_page(HEADING, None, [chart])
    assert '<img src="data:image/png;base64,' in text
    assert "<svg" not in text


def test_colours_are_apart_and_become_variables():
    assert len({color.light for color in COLORS}) == len(COLORS)
    svg = images.as_svg(energy_rates("here", curves_of(2), {}).figure, "key", "what it shows")
    assert "var(--series-2)" in svg
    assert not any(color.light in svg for color in COLORS)
