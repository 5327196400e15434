# SPDX-License-Identifier: Apache-2.0
"""The picture of the layers has a bar for each time, and says what it cannot draw."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from tfsparse.bench.layer_comparison import LayerComparison
from tfsparse.bench.layer_plot import plot_layers
from tfsparse.errors import InvalidArgumentError

LAYERS = [LayerComparison("conv1", 2.0, 1.0, 0.25, 0.5), LayerComparison("conv2", 1.0, 1.5, 0.5, None)]
DENSE, PRODUCTS, RANKING = "#c7c7c7", "#2f6fb3", "#e08a1e"


def heights(svg, color):
    """Heights of the filled paths of one colour, those of the legend last."""
    found = []
    for path in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}path"):
        if f"fill: {color}" in path.get("style", ""):
            numbers = [float(token) for token in path.get("d").split() if token not in ("M", "L", "z")]
            found.append(max(numbers[1::2]) - min(numbers[1::2]))
    return found


def test_bars_are_as_high_as_the_times_over_the_dense_ones(tmp_path):
    plot_layers(LAYERS, tmp_path / "layers.svg", "a title")
    svg = (tmp_path / "layers.svg").read_text()
    full, *_ = heights(svg, DENSE)
    assert heights(svg, DENSE)[:2] == pytest.approx([full, full])
    assert heights(svg, PRODUCTS)[:2] == pytest.approx([0.375 * full, 1.0 * full], rel=1e-4)
    assert heights(svg, RANKING)[:2] == pytest.approx([0.125 * full, 0.5 * full], rel=1e-4)


def test_names_are_drawn_as_they_are(tmp_path):
    plot_layers([LayerComparison("a$_b$^<&>", 1.0, 1.0, 0.0, None)], tmp_path / "layers.svg")
    assert "a$_b$^&lt;&amp;&gt;" in (tmp_path / "layers.svg").read_text()


def test_no_layer_is_told(tmp_path):
    with pytest.raises(InvalidArgumentError, match="no layer to draw"):
        plot_layers([], tmp_path / "layers.svg")
    assert list(tmp_path.iterdir()) == []
