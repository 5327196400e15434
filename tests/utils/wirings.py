# SPDX-License-Identifier: Apache-2.0
"""Small Keras networks, each wired differently around its winners-take-all layers."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from tests.utils.depthwise_wirings import DEPTHWISE_WIRINGS
from tests.utils.wiring import Wiring, conv, image, wta
from tfsparse.layers import WTADropout

CONV, FC, MASK = "TfSparseWinnerConv2D", "TfSparseWinnerFullyConnected", "TfSparseMaskWinners"
DEPTHWISE, PAIR = "TfSparseWinnerDepthwiseConv2D", "TfSparseWinnerSeparableConv2D"


def plain() -> keras.Model:
    x = image()
    return keras.Model(x, conv(wta(conv(x, activation="relu")), activation="relu"))


def stride_same() -> keras.Model:
    x = image(11)
    return keras.Model(x, conv(wta(conv(x)), strides=2, activation="relu6"))


def stride_valid() -> keras.Model:
    x = image(11)
    y = wta(conv(x), score="mean")
    return keras.Model(x, conv(y, size=(3, 2), strides=(3, 2), padding="valid", use_bias=False))


def dilated_same() -> keras.Model:
    x = image()
    return keras.Model(x, conv(wta(conv(x)), dilation_rate=2))


def dilated_valid() -> keras.Model:
    x = image(13)
    return keras.Model(x, conv(wta(conv(x)), dilation_rate=(2, 3), padding="valid", activation="relu"))


def pointwise() -> keras.Model:
    x = image()
    return keras.Model(x, conv(wta(conv(x), 0.3), 16, 1, activation="relu"))


def zero_padding() -> keras.Model:
    x = image()
    y = layers.ZeroPadding2D(((0, 1), (2, 0)))(wta(conv(x)))
    return keras.Model(x, conv(y, strides=2, padding="valid"))


def grouped_neighbour() -> keras.Model:
    x = image()
    return keras.Model(x, conv(wta(conv(x)), groups=4))


def residual_add() -> keras.Model:
    x = image()
    y = wta(conv(x, activation="relu"))
    return keras.Model(x, layers.Add()([conv(conv(y, activation="relu")), y]))


def residual_before() -> keras.Model:
    x = image()
    y = conv(x)
    y = wta(layers.Activation("relu")(layers.Add()([y, conv(y)])))
    return keras.Model(x, conv(y))


def concatenated() -> keras.Model:
    x = image()
    y = conv(x)
    return keras.Model(x, conv(layers.Concatenate()([wta(y), wta(conv(y), 0.25)])))


def several_consumers() -> keras.Model:
    x = image()
    y = wta(conv(x, 10, activation="relu"), 0.4)
    return keras.Model(x, [conv(y, 4), conv(y, 4, 1), layers.Dense(3)(layers.GlobalAveragePooling2D()(y))])


def pool_between() -> keras.Model:
    x = image()
    y = layers.MaxPooling2D()(wta(conv(x)))  # with negative activations, of which a pool may pick the masked zero
    z = layers.AveragePooling2D(3, 1, padding="same")(wta(conv(y, activation="relu")))
    return keras.Model(x, conv(z))


def activation_between() -> keras.Model:
    x = image()
    y = layers.LeakyReLU(0.1)(wta(conv(x)))
    y = wta(conv(layers.ReLU(6.0)(y)), 0.3)
    return keras.Model(x, conv(layers.Activation("tanh")(y)))


def sigmoid_between() -> keras.Model:
    x = image()
    return keras.Model(x, conv(layers.Activation("sigmoid")(wta(conv(x)))))


def flatten_channels() -> keras.Model:
    x = image()
    y = layers.MaxPooling2D(3)(wta(conv(x, activation="relu"), 0.3))
    return keras.Model(x, layers.Dense(7, activation="relu")(layers.Flatten()(y)))


def flatten_neurons() -> keras.Model:
    x = image(5)
    return keras.Model(x, layers.Dense(7)(layers.Flatten()(wta(conv(x, 4), 0.2, unit="neuron"))))


def neurons_before_conv() -> keras.Model:
    x = image(5)
    return keras.Model(x, conv(wta(conv(x, 4), 0.2, unit="neuron")))


def dense_stack() -> keras.Model:
    x = keras.Input((20,), name="features")
    y = wta(layers.Dense(32, activation="relu")(x), 0.25)
    y = wta(layers.Dense(24, activation="gelu")(y), 0.5)
    return keras.Model(x, layers.Dense(5, activation="softmax")(y))


def dense_rank3() -> keras.Model:
    x = keras.Input((5, 8), name="sequence")
    y = wta(layers.Dense(12, activation="relu")(x), 0.5, unit="channel")
    return keras.Model(x, layers.Dense(6)(y))


def conv1d() -> keras.Model:
    x = keras.Input((15, 4), name="signal")
    y = wta(layers.Conv1D(8, 3, activation="relu")(x), 0.5, unit="channel")
    return keras.Model(x, layers.Conv1D(6, 3, padding="same")(y))


def batch_norm_folded() -> keras.Model:
    x = image()
    y = layers.Activation("relu")(layers.BatchNormalization()(conv(x, use_bias=False)))
    y = layers.BatchNormalization()(conv(wta(y), use_bias=False))
    return keras.Model(x, layers.ReLU()(y))


def batch_norm_not_folded() -> keras.Model:
    x = image()
    y = layers.BatchNormalization()(wta(conv(x, activation="relu")))  # a loser is not zero behind it
    return keras.Model(x, conv(y))


def nested() -> keras.Model:
    inner_x = image(12, 8)
    inner = keras.Model(inner_x, wta(conv(wta(inner_x), activation="relu")), name="backbone")
    x = image()
    head = keras.Sequential([keras.Input((12, 12, 8)), WTADropout(0.4), layers.Conv2D(3, 3)], name="head")
    return keras.Model(x, head(conv(inner(conv(x)))))


def shared_layers() -> keras.Model:
    x = image()
    first, shared, dropout = conv(x), layers.Conv2D(8, 3, padding="same"), WTADropout(0.5)
    return keras.Model(x, shared(dropout(shared(dropout(first)))))


def two_in_two_out() -> keras.Model:
    x, extra = image(6), keras.Input((4,), name="extra")
    y = layers.Flatten()(wta(conv(x, activation="relu")))
    both = layers.Concatenate()([layers.Dense(6)(y), extra])
    return keras.Model([x, extra], [layers.Dense(3, name="second")(both), layers.Dense(2, name="first")(y)])


def masked_output() -> keras.Model:
    x = image()
    return keras.Model(x, wta(conv(x)))


def masks_nothing() -> keras.Model:
    x = image()
    return keras.Model(x, wta(conv(wta(conv(x), 1.0)), 1.0))


def transposed() -> keras.Model:
    x = image(6)
    return keras.Model(x, layers.Conv2DTranspose(4, 3, strides=2, padding="same")(wta(conv(x))))


def resized() -> keras.Model:
    x = image(6)
    return keras.Model(x, conv(layers.UpSampling2D(2, interpolation="bilinear")(wta(conv(x)))))


WIRINGS: dict[str, Wiring] = {
    **DEPTHWISE_WIRINGS,
    "plain": Wiring(plain, convolutions=1),
    "stride_same": Wiring(stride_same, convolutions=1),
    "stride_valid": Wiring(stride_valid, convolutions=1),
    "dilated_same": Wiring(dilated_same, convolutions=1),
    "dilated_valid": Wiring(dilated_valid, convolutions=1),
    "pointwise": Wiring(pointwise, convolutions=1, batch=5),
    "zero_padding": Wiring(zero_padding, convolutions=1),
    "grouped_neighbour": Wiring(grouped_neighbour, masks=1),
    "residual_add": Wiring(residual_add, convolutions=1, masks=1),
    "residual_before": Wiring(residual_before, convolutions=1),
    "concatenated": Wiring(concatenated, masks=2),
    "several_consumers": Wiring(several_consumers, convolutions=2, products=1),
    "pool_between": Wiring(pool_between, convolutions=2),
    "activation_between": Wiring(activation_between, convolutions=2),
    "sigmoid_between": Wiring(sigmoid_between, masks=1),
    "flatten_channels": Wiring(flatten_channels, products=1),
    "flatten_neurons": Wiring(flatten_neurons, products=1),
    "neurons_before_conv": Wiring(neurons_before_conv, masks=1),
    "dense_stack": Wiring(dense_stack, products=2, batch=7),
    "dense_rank3": Wiring(dense_rank3, products=1, batch=3),
    "conv1d": Wiring(conv1d, convolutions=1),
    "batch_norm_folded": Wiring(batch_norm_folded, convolutions=1),
    "batch_norm_not_folded": Wiring(batch_norm_not_folded, masks=1),
    "nested": Wiring(nested, convolutions=3),
    "shared_layers": Wiring(shared_layers, convolutions=2),
    "two_in_two_out": Wiring(two_in_two_out, products=2),
    "masked_output": Wiring(masked_output, masks=1),
    "masks_nothing": Wiring(masks_nothing),
    "transposed": Wiring(transposed, masks=1),
    "resized": Wiring(resized, convolutions=1),
}


def build(name: str) -> tuple[keras.Model, list[np.ndarray]]:
    """The network with random weights, biases and statistics, and inputs for it."""
    keras.utils.set_random_seed(7)
    wiring = WIRINGS[name]
    model = wiring.build()
    randomize(model)
    generator = np.random.default_rng(11)
    return model, [generator.normal(size=(wiring.batch, *x.shape[1:])).astype(np.float32) for x in model.inputs]


def randomize(model: keras.Model) -> None:
    """Sets biases and batch statistics, which start out as zeros and ones, to something that shows."""
    generator = np.random.default_rng(5)
    for weight in model.weights:
        if weight.name in ("bias", "beta", "moving_mean"):
            weight.assign(generator.normal(scale=0.2, size=weight.shape))
        elif weight.name in ("gamma", "moving_variance"):
            weight.assign(generator.uniform(0.5, 1.5, size=weight.shape))
