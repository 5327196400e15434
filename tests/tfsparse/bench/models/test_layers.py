# SPDX-License-Identifier: Apache-2.0
"""The table of layers is right, and a layer's models compute the same, each in its way."""

from __future__ import annotations

import importlib.resources
from dataclasses import fields, replace

import numpy as np
import pytest

from tfsparse.bench.models.layers import (
    SHAPES_FILE,
    LayerShape,
    dense_layer,
    input_with_zeros,
    load_shapes,
    random_input,
    winner_layer,
    zero_skipping_conv,
)
from tfsparse.inspection import describe_model
from tfsparse.runtime.interpreter import Interpreter

LAYERS = [
    LayerShape("tiny", "conv", "conv2d", height=8, width=8, channels=10, outputs=16, kernel=3, stride=2),
    LayerShape("tiny", "map", "fully_connected", height=3, width=3, channels=10, outputs=6),
    LayerShape("tiny", "vector", "fully_connected", height=1, width=1, channels=10, outputs=6),
]
SMALL = LAYERS[0]


def test_shapes_have_the_published_macs():
    macs = {(shape.network, shape.layer): shape.macs for shape in load_shapes()}
    assert macs["alexnet", "conv3"] == 149_520_384
    assert macs["resnet18", "stage1"] == macs["resnet18", "stage4"] == 115_605_504
    assert macs["mobilenet_v1", "pointwise7"] == 51_380_224
    assert macs["vgg16", "conv4_2"] == macs["vgg16", "conv3_2"] == 1_849_688_064
    assert macs["resnet50", "stage1_expand"] == macs["resnet50", "stage4_expand"] == 51_380_224
    assert macs["mobilenet_v2", "last"] == 20_070_400
    assert macs["alexnet", "fc6"] == 37_748_736
    assert macs["vgg16", "fc6"] == 102_760_448


@pytest.mark.parametrize("shape", LAYERS, ids=str)
def test_macs_are_those_of_the_model(shape):
    assert describe_model(dense_layer(shape)).macs.dense == shape.macs


def test_the_table_has_the_columns_of_a_layer():
    table = importlib.resources.files("tfsparse.bench.models") / SHAPES_FILE
    assert table.read_text().splitlines()[0].split(",") == [field.name for field in fields(LayerShape)]


def test_every_layer_stands_once():
    shapes = load_shapes()
    assert len({(shape.network, shape.layer) for shape in shapes}) == len(shapes)
    assert len({replace(shape, network="", layer="") for shape in shapes}) == len(shapes)


@pytest.mark.parametrize("rate", [0.3, 0.5, 1.0])
@pytest.mark.parametrize("shape", LAYERS, ids=str)
def test_winner_twin_computes_what_the_dense_layer_does_on_the_winners(shape, rate):
    x = random_input(shape)
    strongest = np.argsort(-x.max(axis=(0, 1, 2)), kind="stable")[: round(rate * 10)]
    masked = np.zeros_like(x)
    masked[..., strongest] = x[..., strongest]
    expected = Interpreter(dense_layer(shape)).predict(masked)
    assert expected.shape == shape.output_shape
    np.testing.assert_allclose(Interpreter(winner_layer(shape, rate)).predict(x), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kernel", ["auto", "direct"])
@pytest.mark.parametrize("zeros", [0.0, 0.4, 0.9])
def test_skipping_zeros_changes_no_result(kernel, zeros):
    shape = replace(SMALL, height=14, width=14, channels=40, stride=1)
    x = input_with_zeros(shape, zeros)
    expected = Interpreter(dense_layer(shape)).predict(x)
    actual = Interpreter(zero_skipping_conv(shape, kernel=kernel)).predict(x)
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=1e-5)


def test_zeros_are_as_many_as_asked_for_and_not_alike_in_all_pixels():
    shape = replace(SMALL, height=40, width=40, channels=400)
    assert not (input_with_zeros(shape, 0.0) == 0).any()
    for zeros in (0.2, 0.8, 0.9):
        x = input_with_zeros(shape, zeros)
        of_pixel = np.mean(x == 0, axis=-1)
        assert of_pixel.mean() == pytest.approx(zeros, abs=0.01)
        independent = (zeros * (1 - zeros) / shape.channels) ** 0.5
        assert of_pixel.std() > 1.2 * independent
        assert x.min() == 0
        assert x.dtype == np.float32
