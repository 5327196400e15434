# SPDX-License-Identifier: Apache-2.0
"""What layers do to zero channels, checked by running them."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from tfsparse.analysis.activations import to_numpy
from tfsparse.analysis.zeros import is_identity, keeps_zero_channels, only_reshapes
from tfsparse.layers import FATReLU

KEEPING = [
    layers.MaxPooling2D(),
    layers.MaxPooling2D(3, strides=2, padding="same"),
    layers.AveragePooling2D(2),
    layers.GlobalAveragePooling2D(),
    layers.GlobalMaxPooling2D(keepdims=True),
    layers.ZeroPadding2D(2),
    layers.Cropping2D(1),
    layers.UpSampling2D(interpolation="bilinear"),
    layers.Dropout(0.5),
    layers.SpatialDropout2D(0.5),
    layers.GaussianNoise(1.0),
    layers.Identity(),
    layers.ReLU(),
    layers.ReLU(6.0, negative_slope=0.1),
    layers.ReLU(threshold=1.0),
    layers.LeakyReLU(),
    layers.PReLU(),
    layers.ELU(),
    FATReLU(0.1),
    *[layers.Activation(name) for name in ("linear", "relu6", "gelu", "silu", "tanh", "selu", "hard_swish")],
]
FILLING = [
    layers.BatchNormalization(beta_initializer="ones"),
    layers.Rescaling(1.0, offset=1.0),
    layers.ReLU(threshold=1.0, negative_slope=0.5),
    layers.Activation("sigmoid"),
    layers.Activation("softplus"),
    layers.DepthwiseConv2D(3, bias_initializer="ones"),
    layers.Softmax(),
]


def run_with_zero_channel(layer) -> np.ndarray:
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 4)).astype("float32")
    x[..., 2] = 0
    return to_numpy(layer(keras.ops.convert_to_tensor(x)))


@pytest.mark.parametrize("layer", KEEPING, ids=lambda layer: layer.name)
def test_keeps_zero_channels(layer):
    assert keeps_zero_channels(layer)
    y = run_with_zero_channel(layer)
    assert y.shape[-1] == 4
    assert np.all(y[..., 2] == 0)


@pytest.mark.parametrize("layer", FILLING, ids=lambda layer: layer.name)
def test_fills_zero_channels(layer):
    assert not keeps_zero_channels(layer)
    assert np.any(run_with_zero_channel(layer)[..., 2] != 0)


def test_layers_of_the_other_data_format_do_not_count():
    assert not keeps_zero_channels(layers.GlobalAveragePooling2D(data_format="channels_first"))
    assert not only_reshapes(layers.Flatten(data_format="channels_first"))


def test_an_unknown_activation_function_does_not_count():
    assert not keeps_zero_channels(layers.Activation(lambda x: x - 1.0))


@pytest.mark.parametrize("layer", [layers.Dropout(0.5), layers.Identity(), layers.GaussianNoise(1.0)])
def test_identity_at_inference(layer):
    x = np.ones((2, 3, 3, 4), "float32")
    assert is_identity(layer)
    np.testing.assert_array_equal(to_numpy(layer(x, training=False)), x)
