# SPDX-License-Identifier: Apache-2.0
"""Small Keras networks with winners-take-all layers around depthwise and separable convolutions."""

from __future__ import annotations

import keras
from keras import layers

from tests.utils.wiring import Wiring, conv, depthwise, image, wta


def depthwise_neighbour() -> keras.Model:
    x = image()
    y = depthwise(wta(conv(x)), activation="relu")
    return keras.Model(x, conv(y, 4, 3))


def depthwise_last() -> keras.Model:
    x = image(11)
    return keras.Model(x, depthwise(wta(conv(x)), (5, 2), strides=2, padding="valid", activation="relu6"))


def depthwise_dilated() -> keras.Model:
    x = image()
    return keras.Model(x, layers.Softmax()(depthwise(wta(conv(x)), dilation_rate=2)))


def depthwise_multiplied() -> keras.Model:
    x = image()
    return keras.Model(x, conv(depthwise(wta(conv(x)), depth_multiplier=2), 4, 1))


def depthwise_on_neurons() -> keras.Model:
    x = image(5)
    return keras.Model(x, conv(depthwise(wta(conv(x, 4), 0.2, unit="neuron")), 4, 1))


def depthwise_1d() -> keras.Model:
    x = keras.Input((15, 4), name="signal")
    y = wta(layers.Conv1D(8, 3, activation="relu")(x), 0.5, unit="channel")
    return keras.Model(x, layers.DepthwiseConv1D(3, padding="same")(y))


def separable() -> keras.Model:
    x = image()
    y = depthwise(wta(conv(x, 20, activation="relu"), 0.3), activation="relu")
    return keras.Model(x, conv(y, 10, 1, activation="relu"))


def separable_layer() -> keras.Model:
    x = image()
    y = layers.SeparableConv2D(9, 3, strides=2, activation="relu")(wta(conv(x)))
    return keras.Model(x, layers.SeparableConv2D(4, 3, depth_multiplier=2)(y))


def separable_padded() -> keras.Model:
    """MobileNet's block with stride 2: a padding of its own, and a batch normalization behind each convolution."""
    x = image()
    y = layers.ReLU(6.0)(layers.BatchNormalization()(conv(x, 12, use_bias=False)))
    y = layers.ZeroPadding2D(((0, 1), (0, 1)))(wta(y))
    y = depthwise(y, strides=2, padding="valid", use_bias=False)
    y = layers.ReLU(6.0)(layers.BatchNormalization()(y))
    return keras.Model(x, layers.BatchNormalization()(conv(y, 6, 1, use_bias=False)))


def separable_padded_oddly() -> keras.Model:
    x = image()
    y = layers.ZeroPadding2D(((2, 1), (0, 3)))(wta(conv(x)))
    return keras.Model(x, conv(depthwise(y, padding="valid"), 4, 1))


def separable_with_a_mask_between() -> keras.Model:
    x = image()
    y = depthwise(wta(conv(x)), activation="relu")
    return keras.Model(x, conv(wta(y, 0.25), 4, 1))


def separable_several_readers() -> keras.Model:
    x = image()
    y = wta(conv(x, 10, activation="relu"), 0.4)
    z = depthwise(y, activation="relu")
    return keras.Model(x, [conv(z, 4, 1), z, conv(depthwise(y, strides=2), 3, 1), conv(y, 4)])


def separable_strided_pointwise() -> keras.Model:
    x = image()
    return keras.Model(x, conv(depthwise(wta(conv(x))), 4, 1, strides=2))


def depthwise_before() -> keras.Model:
    x = image()
    return keras.Model(x, conv(wta(layers.DepthwiseConv2D(3, padding="same")(x)), 4, 1))


DEPTHWISE_WIRINGS: dict[str, Wiring] = {
    "depthwise_neighbour": Wiring(depthwise_neighbour, depthwise=1),
    "depthwise_last": Wiring(depthwise_last, depthwise=1),
    "depthwise_dilated": Wiring(depthwise_dilated, depthwise=1),
    "depthwise_multiplied": Wiring(depthwise_multiplied, masks=1),
    "depthwise_on_neurons": Wiring(depthwise_on_neurons, masks=1),
    "depthwise_1d": Wiring(depthwise_1d, depthwise=1),
    "separable": Wiring(separable, pairs=1, batch=3),
    "separable_layer": Wiring(separable_layer, pairs=1),
    "separable_padded": Wiring(separable_padded, pairs=1),
    "separable_padded_oddly": Wiring(separable_padded_oddly, pairs=1),
    "separable_with_a_mask_between": Wiring(separable_with_a_mask_between, depthwise=1, convolutions=1),
    "separable_several_readers": Wiring(separable_several_readers, depthwise=1, pairs=1, convolutions=1),
    "separable_strided_pointwise": Wiring(separable_strided_pointwise, depthwise=1),
    "depthwise_before": Wiring(depthwise_before, convolutions=1),
}
