# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import keras
import pytest
from keras import layers

from tfsparse.errors import InvalidArgumentError, UnsupportedModelError
from tfsparse.pruning.kernels import prunable_kernels, select_kernels


def backbone():
    return keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="conv")], name="backbone")


@pytest.fixture
def model():
    x = inputs = keras.Input((8, 8, 3))
    x = backbone()(x)
    x = layers.DepthwiseConv2D(3, name="depthwise")(x)
    x = layers.BatchNormalization(name="norm")(x)
    x = layers.SeparableConv2D(4, 3, name="separable")(x)
    x = layers.Conv2DTranspose(2, 3, name="transposed")(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(2, name="fc")(x))


def test_finds_the_kernels_that_multiply(model):
    kernels = prunable_kernels(model)
    assert list(kernels) == ["backbone/conv", "separable", "transposed", "fc"]
    assert kernels["separable"].name == "pointwise_kernel"
    assert all(kernels[name].name == "kernel" for name in ("backbone/conv", "transposed", "fc"))


def test_finds_layers_inside_other_layers():
    attention = layers.MultiHeadAttention(2, 4, name="attention")
    inputs = keras.Input((5, 8))
    each = layers.TimeDistributed(layers.Dense(3, name="fc"), name="each")
    kernels = prunable_kernels(keras.Model(inputs, each(attention(inputs, inputs))))
    parts = ("query", "key", "value", "attention_output")
    assert set(kernels) == {*(f"attention/{part}" for part in parts), "each/fc"}


def test_layer_used_twice_is_found_once():
    inputs = keras.Input((4,))
    shared = layers.Dense(4, name="fc")
    assert list(prunable_kernels(keras.Model(inputs, shared(shared(inputs))))) == ["fc"]


@pytest.mark.parametrize(
    ("patterns", "chosen"),
    [
        (["fc"], ["fc"]),
        (["conv"], ["backbone/conv"]),
        (["backbone/*"], ["backbone/conv"]),
        (["*"], ["backbone/conv", "separable", "transposed", "fc"]),
        (["fc", "sep*"], ["separable", "fc"]),
        ([], []),
    ],
)
def test_chooses_by_name_path_and_pattern(model, patterns, chosen):
    assert list(select_kernels(model, patterns)) == chosen


@pytest.mark.parametrize(("name", "kind"), [("norm", "BatchNormalization"), ("depthwise", "DepthwiseConv2D")])
def test_refuses_a_layer_that_cannot_be_pruned(model, name, kind):
    with pytest.raises(UnsupportedModelError, match=rf"Cannot prune layer '{name}' \({kind}\).*These can be.*fc"):
        select_kernels(model, [name])


def test_refuses_a_quantized_layer():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(4, name="fc")])
    model.layers[0].quantize("int8")
    with pytest.raises(UnsupportedModelError, match=r"Cannot prune layer 'fc' \(Dense\)"):
        select_kernels(model, ["fc"])


def test_refuses_a_name_that_no_layer_has(model):
    with pytest.raises(InvalidArgumentError, match=r"No layer is named 'fc9'.*one of .*fc"):
        select_kernels(model, ["fc9"])


def test_refuses_a_model_that_is_not_built():
    with pytest.raises(UnsupportedModelError, match="has no weights yet"):
        prunable_kernels(keras.Sequential([layers.Dense(2)]))


def test_refuses_what_is_no_model():
    with pytest.raises(InvalidArgumentError, match="`model` is no model"):
        prunable_kernels("model.keras")
