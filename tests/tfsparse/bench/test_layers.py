# SPDX-License-Identifier: Apache-2.0
"""The layer benchmark measures the layers that it says, at the winner rates that it says."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tfsparse.bench.layer_models import ConvShape, dense_conv, load_shapes, random_input, winner_conv
from tfsparse.bench.layers import bench_layers
from tfsparse.errors import InvalidArgumentError
from tfsparse.inspection import describe_model
from tfsparse.runtime.interpreter import Interpreter

SMALL = ConvShape("tiny", "conv", height=8, width=8, channels=10, outputs=16, kernel=3, stride=2)


def test_shapes_have_the_published_macs():
    macs = {(shape.network, shape.layer): describe_model(dense_conv(shape)).macs.dense for shape in load_shapes()}
    assert macs["alexnet", "conv3"] == 149_520_384
    assert macs["resnet18", "stage1"] == macs["resnet18", "stage4"] == 115_605_504
    assert macs["mobilenet", "pointwise7"] == 51_380_224
    assert len(macs) == 20


@pytest.mark.parametrize("rate", [0.3, 0.5, 1.0])
def test_winner_twin_computes_what_the_dense_layer_does_on_the_winners(rate):
    x = random_input(SMALL)
    strongest = np.argsort(-x.max(axis=(0, 1, 2)), kind="stable")[: round(rate * 10)]
    masked = np.zeros_like(x)
    masked[..., strongest] = x[..., strongest]
    expected = Interpreter(dense_conv(SMALL)).predict(masked)
    assert expected.shape == SMALL.output_shape
    np.testing.assert_allclose(Interpreter(winner_conv(SMALL, rate)).predict(x), expected, rtol=1e-5, atol=1e-5)


def test_efficiency_is_the_share_of_the_limit(monkeypatch):
    monkeypatch.setattr("tfsparse.bench.layers.time_by_turns", lambda *_: ([6.0, 12.0, 6.0], [3.0, 6.0, 3.0]))
    (layer,) = bench_layers([SMALL], [0.3]).layers
    assert (layer.dense_ms, layer.sparse_ms) == (6.0, 3.0)
    assert layer.efficiency.value == pytest.approx(0.6)
    assert (layer.efficiency.low, layer.efficiency.high) == pytest.approx((0.6, 0.6))


def test_every_layer_is_measured_at_every_rate():
    report = bench_layers([SMALL], [0.3, 0.7], runs=3, warmup=1)
    assert [layer.winner_rate for layer in report.layers] == [0.3, 0.7]
    assert all(layer.phases_ms["gemm"] > 0 and layer.ranking_ms > 0 for layer in report.layers)
    first, second = (layer.efficiency.value for layer in report.layers)
    assert report.mean_efficiency() == pytest.approx((first * second) ** 0.5)
    assert report.mean_efficiency(winner_rate=0.7) == pytest.approx(second)
    assert report.mean_efficiency(network="tiny") == pytest.approx(report.mean_efficiency())
    assert json.loads(report.to_json())["layers"][0]["shape"]["channels"] == 10


def test_wrong_rates_are_refused():
    with pytest.raises(InvalidArgumentError, match="winner_rate"):
        bench_layers([SMALL], [1.5], runs=1)
