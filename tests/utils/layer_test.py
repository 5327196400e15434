# SPDX-License-Identifier: Apache-2.0
"""What every layer has to pass, whatever it computes."""

from __future__ import annotations

import pathlib
from typing import Any

import keras
import numpy as np
from keras import ops

JIT = (False,) if keras.backend.backend() == "torch" else (False, True)
"""Values of `jit_compile` to try: torch.compile warns about itself, and warnings are errors here."""

DTYPES = ("float32", "float16", "bfloat16", "mixed_float16", "mixed_bfloat16")


def run_layer_test(
    cls: type[keras.Layer],
    arguments: dict[str, Any],
    shape: tuple[int, ...],
    folder: pathlib.Path,
    *,
    non_trainable: int = 0,
) -> None:
    """Checks config and `.keras` round trips, shapes, number types, weights and a compiled training step."""
    layer = cls(**arguments)
    assert cls.from_config(layer.get_config()).get_config() == layer.get_config()
    restored = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    assert type(restored) is cls
    assert restored.get_config() == layer.get_config()
    _check_dtypes(cls, arguments, shape)
    for jit in JIT:
        model = keras.Sequential([keras.Input(shape[1:]), cls(**arguments), keras.layers.Flatten(), _dense()])
        assert model.layers[0].compute_output_shape((None, *shape[1:])) == model.layers[0].output.shape
        assert not model.layers[0].trainable_weights
        assert len(model.layers[0].non_trainable_weights) == non_trainable
        model.compile("sgd", "mse", jit_compile=jit)
        before = ops.convert_to_numpy(model.layers[-1].kernel)
        loss = model.fit(_data(shape), np.ones((shape[0], 2)), verbose=0).history["loss"]
        assert np.isfinite(loss).all()
        assert (ops.convert_to_numpy(model.layers[-1].kernel) != before).any()
    model.save(folder / "model.keras")
    again = keras.saving.load_model(folder / "model.keras")
    np.testing.assert_array_equal(again.predict(_data(shape), verbose=0), model.predict(_data(shape), verbose=0))


def _check_dtypes(cls: type[keras.Layer], arguments: dict[str, Any], shape: tuple[int, ...]) -> None:
    for dtype in DTYPES:
        layer = cls(**arguments, dtype=dtype)
        symbolic = layer(keras.Input(shape[1:]))
        eager = layer(_data(shape))
        assert tuple(eager.shape) == shape
        assert tuple(symbolic.shape) == (None, *shape[1:])
        assert keras.backend.standardize_dtype(eager.dtype) == symbolic.dtype == layer.compute_dtype


def _dense() -> keras.layers.Dense:
    return keras.layers.Dense(2, kernel_initializer="ones")


def _data(shape: tuple[int, ...]) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype("float32")
