# SPDX-License-Identifier: Apache-2.0
"""Small networks, each wired in another way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

Build = Callable[[], keras.Model]
NETWORKS: dict[str, tuple[Build, frozenset[str]]] = {}
"""Builders by name, with the names of the layers that can read winners."""

BIAS = keras.initializers.RandomUniform(0.1, 0.5, seed=1)


def network(*consumers: str) -> Callable[[Build], Build]:
    def register(build: Build) -> Build:
        NETWORKS[build.__name__] = (build, frozenset(consumers))
        return build

    return register


def network_names() -> list[str]:
    """All networks on TensorFlow; a few on other backends, which compile each operator of each shape at first use."""
    few = ["sequential", "residual", "shared_model", "one_dimensional"]
    return list(NETWORKS) if keras.backend.backend() == "tensorflow" else few


def build(name: str, seed: int = 7) -> keras.Model:
    """The network of that name, with weights that follow from the seed."""
    keras.utils.set_random_seed(seed)
    return NETWORKS[name][0]()


def samples(model: keras.Model, count: int = 3, seed: int = 3) -> Any:
    """Random input for a model, in the structure that it takes."""
    generator = np.random.default_rng(seed)

    def draw(tensor: keras.KerasTensor) -> np.ndarray:
        return generator.uniform(-1, 1, (count, *tensor.shape[1:])).astype(tensor.dtype)

    return keras.tree.map_structure(draw, model.inputs[0] if isinstance(model, keras.Sequential) else model.input)


def predict(model: keras.Model, x: Any) -> list[np.ndarray]:
    """What the model returns for x, as a flat list of arrays."""
    x = keras.tree.map_structure(keras.ops.convert_to_tensor, x)
    return [keras.ops.convert_to_numpy(y) for y in keras.tree.flatten(model(x, training=False))]


def _image(name: str | None = None) -> keras.KerasTensor:
    return keras.Input((8, 8, 3), name=name)


def _conv(filters: int, size: int = 3, **options: Any) -> layers.Conv2D:
    return layers.Conv2D(filters, size, **{"padding": "same", "bias_initializer": BIAS, **options})


@network("conv2", "fc1", "fc2")
def sequential() -> keras.Model:
    return keras.Sequential(
        [
            _image(),
            _conv(6, activation="relu", name="conv1"),
            layers.MaxPooling2D(),
            _conv(8, activation="tanh", name="conv2"),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="tanh", name="fc1"),
            layers.Dense(4, name="fc2"),
        ]
    )


@network("conv2", "conv3", "head")
def residual() -> keras.Model:
    x = _image()
    trunk = _conv(8, activation="tanh", name="conv1")(x)
    branch = _conv(8, activation="tanh", name="conv2")(trunk)
    branch = _conv(8, name="conv3")(branch)
    y = layers.GlobalAveragePooling2D()(layers.ReLU()(layers.Add()([trunk, branch])))
    return keras.Model(x, layers.Dense(4, name="head")(y))


@network("left", "right", "join")
def concatenation() -> keras.Model:
    x = _image()
    stem = _conv(6, name="stem")(x)
    branches = [_conv(4, 1, name="left")(stem), _conv(4, 5, strides=1, name="right")(stem)]
    return keras.Model(x, _conv(3, name="join")(layers.Concatenate()(branches)))


@network("conv2", "head")
def batch_normalization() -> keras.Model:
    x = _image()
    y = layers.ReLU()(layers.BatchNormalization()(_conv(6, use_bias=False, name="conv1")(x)))
    y = layers.ReLU(6.0)(layers.BatchNormalization(beta_initializer=BIAS)(_conv(8, strides=2, name="conv2")(y)))
    return keras.Model(x, layers.Dense(4, name="head")(layers.GlobalMaxPooling2D()(y)))


@network("conv2", "conv3", "conv4")
def pooling_and_padding() -> keras.Model:
    x = _image()
    y = layers.AveragePooling2D(2)(_conv(6, activation="tanh", name="conv1")(x))
    y = layers.ZeroPadding2D(1)(_conv(6, 1, name="conv2")(y))
    y = layers.UpSampling2D()(_conv(6, padding="valid", strides=2, name="conv3")(y))
    return keras.Model(x, _conv(2, dilation_rate=2, name="conv4")(y))


@network("conv2")
def preprocessing() -> keras.Model:
    x = _image()
    y = layers.ZeroPadding2D(1)(layers.Rescaling(0.5, offset=0.1)(x))
    normalization = layers.Normalization(mean=[0.1, 0.2, 0.3], variance=[1.0, 2.0, 3.0])
    y = _conv(5, name="conv1")(normalization(y))
    return keras.Model(x, _conv(3, name="conv2")(y))


@network("backbone/conv2", "fc", "out")
def nested_functional() -> keras.Model:
    inner = _image()
    features = _conv(6, name="conv2")(_conv(6, activation="tanh", name="conv1")(inner))
    backbone = keras.Model(inner, features, name="backbone")
    x = _image()
    y = layers.Dense(8, name="fc")(layers.Flatten()(backbone(layers.Rescaling(2.0)(x))))
    return keras.Model(x, layers.Dense(3, name="out")(y))


@network("block/conv1", "block/conv2", "conv3")
def nested_sequential() -> keras.Model:
    block = keras.Sequential(
        [keras.Input((8, 8, 6)), _conv(6, name="conv1"), layers.LeakyReLU(), _conv(6, name="conv2")], name="block"
    )
    x = _image()
    stem = _conv(6, name="stem")(x)
    return keras.Model(x, _conv(2, name="conv3")(layers.Add()([stem, block(stem)])))


@network("shared", "head")
def shared_layer() -> keras.Model:
    inputs = [_image("left"), _image("right")]
    stem = _conv(6, activation="tanh", name="stem")
    shared = _conv(6, activation="tanh", name="shared")
    pool = layers.GlobalAveragePooling2D()
    pooled = [pool(shared(stem(x))) for x in inputs]
    return keras.Model(inputs, layers.Dense(2, name="head")(layers.Concatenate()(pooled)))


@network("tower/conv2", "tower/fc", "head")
def shared_model() -> keras.Model:
    inner = _image()
    y = _conv(4, name="conv2")(_conv(4, activation="tanh", name="conv1")(inner))
    tower = keras.Model(inner, layers.Dense(5, name="fc")(layers.Flatten()(y)), name="tower")
    inputs = {"left": _image("left"), "right": _image("right")}
    total = layers.Add()([tower(inputs["left"]), tower(inputs["right"])])
    return keras.Model(inputs, layers.Dense(2, name="head")(total))


@network("conv2", "out1", "out2")
def several_outputs() -> keras.Model:
    x = _image()
    first = _conv(6, activation="tanh", name="conv1")(x)
    second = _conv(6, activation="tanh", name="conv2")(first)
    outputs = {
        "first": first,
        "one": layers.Dense(3, name="out1")(layers.GlobalAveragePooling2D()(second)),
        "two": layers.Dense(2, name="out2")(layers.Flatten()(second)),
    }
    return keras.Model(x, outputs)


@network("pointwise", "head")
def depthwise_and_groups() -> keras.Model:
    x = _image()
    y = layers.DepthwiseConv2D(3, padding="same", name="depthwise")(_conv(8, name="stem")(x))
    y = _conv(8, groups=2, name="grouped")(_conv(8, 1, name="pointwise")(y))
    y = layers.SeparableConv2D(8, 3, padding="same", name="separable")(y)
    y = layers.DepthwiseConv2D(3, depth_multiplier=2, name="multiplied")(y)
    y = layers.Conv2DTranspose(4, 3, strides=2, name="transposed")(y)
    return keras.Model(x, layers.Dense(2, name="head")(layers.GlobalAveragePooling2D()(y)))


@network("conv2", "fc")
def one_dimensional() -> keras.Model:
    x = keras.Input((12, 4))
    y = layers.Conv1D(6, 3, activation="tanh", name="conv1")(x)
    y = layers.MaxPooling1D()(layers.Conv1D(6, 3, padding="causal", name="conv2")(y))
    return keras.Model(x, layers.Dense(2, name="fc")(layers.Flatten()(y)))


@network("conv2", "fc")
def three_dimensional() -> keras.Model:
    x = keras.Input((4, 5, 6, 2))
    y = layers.Conv3D(4, 3, padding="same", name="conv1")(x)
    y = layers.Conv3D(6, 2, strides=(1, 2, 2), name="conv2")(y)
    return keras.Model(x, layers.Dense(2, name="fc")(layers.Flatten()(y)))


@network("dense2", "out")
def sequence() -> keras.Model:
    x = keras.Input((5, 8))
    y = layers.Dense(6, activation="tanh", name="dense1")(x)
    y = layers.Dense(6, name="dense2")(layers.LayerNormalization()(y))
    return keras.Model(x, layers.Dense(2, name="out")(layers.GlobalAveragePooling1D()(y)))


@network("fc1", "fc2", "conv2", "out")
def several_consumers() -> keras.Model:
    x = _image()
    y = _conv(6, activation="tanh", name="conv1")(x)
    flat = layers.Flatten()(y)
    parts = [layers.Dense(3, name="fc1")(flat), layers.Dense(3, name="fc2")(layers.Dropout(0.1)(flat))]
    parts += [layers.Flatten()(_conv(2, name="conv2")(y)), flat]
    return keras.Model(x, layers.Dense(2, name="out")(layers.Concatenate()(parts)))


@network("squeeze", "excite", "conv2")
def squeeze_and_excite() -> keras.Model:
    x = _image()
    y = _conv(8, activation="tanh", name="conv1")(x)
    gate = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(y))
    gate = _conv(8, 1, activation="sigmoid", name="excite")(_conv(4, 1, activation="tanh", name="squeeze")(gate))
    return keras.Model(x, _conv(2, name="conv2")(layers.Multiply()([y, gate])))


@network("conv2", "head")
def bare_operations() -> keras.Model:
    x = _image()
    y = keras.ops.relu(_conv(6, name="conv1")(2.0 * x) + 0.5)
    y = _conv(6, name="conv2")(y)[:, 1:, 1:]
    return keras.Model(x, layers.Dense(2, name="head")(keras.ops.mean(y, axis=(1, 2))))
