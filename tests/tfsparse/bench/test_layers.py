# SPDX-License-Identifier: Apache-2.0
"""The layer benchmark measures the layers that it is given, at the winner rates that it is given."""

from __future__ import annotations

import json

import pytest

from tfsparse.bench.layers import bench_layers
from tfsparse.bench.models.layers import LayerShape
from tfsparse.errors import InvalidArgumentError

SMALL = LayerShape("tiny", "conv", "conv2d", height=8, width=8, channels=10, outputs=16, kernel=3, stride=2)


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
