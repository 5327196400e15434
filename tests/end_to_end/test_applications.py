# SPDX-License-Identifier: Apache-2.0
"""Well-known networks go the whole way: masks put in, converted, compared layer by layer."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import tfsparse
from tests.utils.wirings import randomize
from tfsparse.analysis.models import named_layers
from tfsparse.layers import WTADropout

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("name", "least"), [("MobileNetV2", 34), ("ResNet50", 48)])
def test_every_mask_is_fused_and_every_layer_agrees(name, least, tmp_path):
    keras.utils.set_random_seed(0)
    dense = getattr(keras.applications, name)(weights=None, input_shape=(64, 64, 3), classes=10)
    randomize(dense)
    samples = np.random.default_rng(0).normal(size=(4, 64, 64, 3)).astype(np.float32)
    sparse = tfsparse.sparsify(dense, 0.5)
    report = tfsparse.convert(sparse, tmp_path / "model.tflite")
    masks = [layer for layer in named_layers(sparse).values() if isinstance(layer, WTADropout)]
    assert len(report.layers) == len(masks) >= least
    assert all(consumer.fused for layer in report.layers for consumer in layer.consumers)
    assert report.computed_macs < 0.62 * report.dense_macs
    verified = tfsparse.verify(sparse, tmp_path / "model.tflite", samples)
    assert verified.passed, str(verified)
    assert len(verified.layers) > least
    assert max(np.abs(tfsparse.Interpreter(tmp_path / "model.tflite").predict(samples)).ravel()) > 0


def test_blocks_of_a_depthwise_and_a_pointwise_convolution_become_pairs(tmp_path):
    """Masks before the depthwise convolutions of MobileNetV2, some of which pad by a layer of their own."""
    keras.utils.set_random_seed(0)
    dense = keras.applications.MobileNetV2(weights=None, input_shape=(64, 64, 3), classes=10)
    randomize(dense)
    samples = np.random.default_rng(0).normal(size=(4, 64, 64, 3)).astype(np.float32)
    names = [name for name, layer in named_layers(dense).items() if isinstance(layer, keras.layers.DepthwiseConv2D)]
    sparse = tfsparse.sparsify(dense, dict.fromkeys(names, 0.5))
    report = tfsparse.convert(sparse, tmp_path / "model.tflite")
    operators = [consumer.operator for layer in report.layers for consumer in layer.consumers]
    assert operators == ["TfSparseWinnerSeparableConv2D"] * len(names)
    assert report.computed_macs == tfsparse.profile(sparse, samples).macs_after_wta < 0.8 * report.dense_macs
    verified = tfsparse.verify(sparse, tmp_path / "model.tflite", samples)
    assert verified.passed, str(verified)
