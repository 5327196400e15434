# SPDX-License-Identifier: Apache-2.0
"""MACs against loops, one multiplication at a time."""

from __future__ import annotations

import itertools

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

from tfsparse.analysis.activations import to_numpy
from tfsparse.analysis.macs import Macs, mac_counter

GENERATOR = np.random.default_rng(5)


def sparse(*shape: int, zeros: float = 0.4) -> np.ndarray:
    x = GENERATOR.normal(size=shape).astype("float32")
    return np.where(GENERATOR.uniform(size=shape) < zeros, np.float32(0), x)


def with_zeros(layer: layers.Layer, x: np.ndarray) -> layers.Layer:
    """The layer built for x, with some of its weights zero."""
    layer.build(x.shape)
    layer.set_weights([sparse(*weight.shape) for weight in layer.get_weights()])
    return layer


def counted(layer: layers.Layer, x: np.ndarray) -> Macs:
    tensor = keras.ops.convert_to_tensor(x)
    # Shapes alone are enough, and running each of many shapes would take long where operators are compiled.
    outputs = np.empty(layer.compute_output_shape(x.shape)) if hasattr(layer, "strides") else layer(tensor)
    return mac_counter(layer)(layer, tensor, outputs)


def loops(x, kernel, out, strides, dilations, before, groups) -> Macs:
    """A convolution of two dimensions, written out."""
    taps_y, taps_x, channels, filters = kernel.shape
    dense = effective = 0
    places = itertools.product(range(len(x)), range(out[0]), range(out[1]), range(taps_y), range(taps_x))
    for sample, oy, ox, ty, tx in places:
        y = oy * strides[0] + ty * dilations[0] - before[0]
        z = ox * strides[1] + tx * dilations[1] - before[1]
        for channel, filter_ in itertools.product(range(channels), range(filters)):
            dense += 1
            if 0 <= y < x.shape[1] and 0 <= z < x.shape[2]:
                group = filter_ // (filters // groups)
                both = x[sample, y, z, group * channels + channel] != 0 and kernel[ty, tx, channel, filter_] != 0
                effective += int(both)
    return Macs(dense, effective)


def padding_before(padding, extent, taps, stride, dilation) -> int:
    if padding == "valid":
        return 0
    out = -(-extent // stride)
    return max(0, (out - 1) * stride + dilation * (taps - 1) + 1 - extent) // 2


@settings(max_examples=25)
@given(
    size=st.tuples(st.integers(5, 7), st.integers(5, 7)),
    taps=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    strides=st.integers(1, 3),
    dilation=st.integers(1, 2),
    padding=st.sampled_from(["same", "valid"]),
    groups=st.sampled_from([1, 2]),
)
def test_convolutions(size, taps, strides, dilation, padding, groups):
    if strides > 1:
        dilation = 1  # Keras takes one of both
    x = sparse(2, *size, 4)
    options = {"strides": strides, "dilation_rate": dilation, "padding": padding, "groups": groups}
    layer = with_zeros(layers.Conv2D(6, taps, **options), x)
    kernel = to_numpy(layer.kernel)
    before = [padding_before(padding, size[i], taps[i], strides, dilation) for i in range(2)]
    out = layer.compute_output_shape(x.shape)[1:3]
    assert counted(layer, x) == loops(x, kernel, out, (strides,) * 2, (dilation,) * 2, before, groups)


@pytest.mark.parametrize("multiplier", [1, 2])
@pytest.mark.parametrize("padding", ["same", "valid"])
def test_depthwise_convolutions(multiplier, padding):
    x = sparse(2, 6, 5, 3)
    layer = with_zeros(layers.DepthwiseConv2D(3, padding=padding, depth_multiplier=multiplier), x)
    kernel = to_numpy(layer.kernel)
    before = [padding_before(padding, extent, 3, 1, 1) for extent in (6, 5)]
    out = layer.compute_output_shape(x.shape)[1:3]
    parts = [loops(x[..., [c]], kernel[:, :, [c]], out, (1, 1), (1, 1), before, 1) for c in range(3)]
    assert counted(layer, x) == sum(parts, Macs(0, 0))


def test_separable_convolutions_are_a_depthwise_and_a_pointwise_one():
    x = sparse(2, 6, 6, 4)
    layer = with_zeros(layers.SeparableConv2D(5, 3, strides=2, padding="same", depth_multiplier=2), x)
    depthwise = layers.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, use_bias=False)
    depthwise(x)
    depthwise.kernel.assign(layer.depthwise_kernel)
    middle = to_numpy(depthwise(x))
    pointwise = layers.Conv2D(5, 1)
    pointwise(middle)
    pointwise.kernel.assign(layer.pointwise_kernel)
    assert counted(layer, x) == counted(depthwise, x) + counted(pointwise, middle)


def test_transposed_convolutions_count_from_the_input():
    x = sparse(2, 3, 4, 5)
    layer = with_zeros(layers.Conv2DTranspose(6, 3, strides=2), x)
    kernel = to_numpy(layer.kernel)
    pairs = sum(np.count_nonzero(x[..., channel]) * np.count_nonzero(kernel[..., channel]) for channel in range(5))
    assert counted(layer, x) == Macs(2 * 3 * 4 * 5 * 3 * 3 * 6, pairs)


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
def test_convolutions_over_time(padding):
    x = sparse(2, 9, 4)
    layer = with_zeros(layers.Conv1D(3, 3, padding=padding, dilation_rate=2), x)
    before = {"valid": 0, "same": 2, "causal": 4}[padding]
    out = layer.compute_output_shape(x.shape)[1]
    kernel = to_numpy(layer.kernel)[None]
    assert counted(layer, x) == loops(x[:, None], kernel, (1, out), (1, 1), (1, 2), (0, before), 1)


def test_convolutions_over_volumes():
    x = np.ones((1, 3, 4, 5, 2), "float32")
    layer = layers.Conv3D(6, 2)
    layer(x)
    assert counted(layer, x) == Macs(2 * 3 * 4 * 8 * 2 * 6, 2 * 3 * 4 * 8 * 2 * 6)


@pytest.mark.parametrize("shape", [(3, 5), (2, 4, 5)])
def test_dense_layers(shape):
    x = sparse(*shape)
    layer = with_zeros(layers.Dense(7), x)
    pairs = (x.reshape(-1, 5) != 0).astype(int) @ (to_numpy(layer.kernel) != 0).astype(int)
    assert counted(layer, x) == Macs(x.size * 7, int(pairs.sum()))


@pytest.mark.parametrize(
    ("equation", "output"), [("abc,cd->abd", (None, 6)), ("...x,xy->...y", 6), ("abc,cde->abde", (None, 2, 3))]
)
def test_einsum_dense_layers(equation, output):
    x = sparse(2, 4, 5)
    layer = with_zeros(layers.EinsumDense(equation, output), x)
    kernel = to_numpy(layer.kernel).reshape(5, 6)
    pairs = (x.reshape(-1, 5) != 0).astype(int) @ (kernel != 0).astype(int)
    assert counted(layer, x) == Macs(x.size * 6, int(pairs.sum()))


def test_channels_first_counts_the_same():
    x = sparse(2, 4, 6, 7)  # channels, rows, columns
    first = layers.Conv2D(5, 3, padding="same", data_format="channels_first")
    first.build(x.shape)
    last = layers.Conv2D(5, 3, padding="same")
    last.build((2, 6, 7, 4))
    last.kernel.assign(first.kernel)
    y = keras.ops.convert_to_tensor(np.zeros((2, 5, 6, 7), "float32"))  # CPUs do not run this format
    assert mac_counter(first)(first, keras.ops.convert_to_tensor(x), y) == counted(last, np.moveaxis(x, 1, -1))


def test_large_counts_are_exact():
    x = np.ones((1, 5000), "float32")
    layer = layers.Dense(5000)
    layer(x)
    layer.kernel.assign(np.ones((5000, 5000)))
    assert counted(layer, x) == Macs(25_000_000, 25_000_000)


@pytest.mark.parametrize("layer", [layers.ReLU(), layers.BatchNormalization(), layers.MaxPooling2D(), layers.LSTM(3)])
def test_other_layers_have_no_counter(layer):
    assert mac_counter(layer) is None
