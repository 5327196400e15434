# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from keras import layers, ops

from tfsparse.analysis.histograms import Histogram, activation_histograms
from tfsparse.errors import InvalidArgumentError

FLOATS = arrays.arrays(np.float32, st.integers(1, 60), elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False))


def counted(values):
    histogram = Histogram()
    histogram.add(values)
    return histogram


@given(FLOATS, st.floats(0.0, 1.0))
def test_quantiles_are_those_of_the_values(values, share):
    expected = np.quantile(values, share, method="inverted_cdf")
    received = counted(values).quantile(share)
    assert abs(received) <= abs(expected)
    assert received == pytest.approx(expected, rel=1 / 128)


@given(FLOATS)
def test_nothing_is_lost(values):
    histogram = counted(values)
    assert histogram.total == values.size
    assert histogram.zeros == pytest.approx(np.mean(values == 0))
    assert histogram.rebinned(np.array([-np.inf, np.inf])).sum() == values.size


def test_parts_add_up():
    values = np.random.default_rng(0).normal(size=1000).astype("float32")
    parts = Histogram()
    for part in np.split(values, 10):
        parts.add(part)
    np.testing.assert_array_equal(parts.bins(), counted(values).bins())
    edges = np.linspace(-4, 4, 9)
    np.testing.assert_allclose(parts.rebinned(edges), np.histogram(values, edges)[0], atol=12)


def test_special_values():
    histogram = counted(np.array([np.nan, -np.nan, np.inf, -np.inf, -0.0, 0.0, 1.0], "float32"))
    assert histogram.zeros == 2 / 7
    assert histogram.quantile(0.0) == -np.inf
    assert histogram.quantile(1.0) == np.inf
    assert histogram.rebinned(np.array([-2.0, 0.5, 2.0])).tolist() == [2, 1]
    with pytest.raises(InvalidArgumentError, match="empty"):
        Histogram().quantile(0.5)


def test_counts_what_layers_return():
    conv = layers.Conv2D(4, 3, activation="relu", name="conv", dtype="mixed_float16")
    model = keras.Sequential([keras.Input((6, 6, 2)), conv, layers.Flatten(), layers.Dense(2, name="logits")])
    x = np.random.default_rng(0).normal(size=(10, 6, 6, 2)).astype("float32")
    histograms = activation_histograms(model, x, batch_size=3)
    assert list(histograms) == ["conv"]
    assert histograms["conv"].zeros == np.mean(ops.convert_to_numpy(conv(x)) == 0)
    assert activation_histograms(model, x, layers=["log*"])["logits"].total == 20
    with pytest.raises(InvalidArgumentError, match="No layer is named 'fx'"):
        activation_histograms(model, x, layers=["fx"])
