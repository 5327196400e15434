# SPDX-License-Identifier: Apache-2.0
"""The stock interpreters, each with our delegate."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from tfsparse.runtime.library import find_library

Interpreter = Any


def open_interpreter(
    model: bytes, *, runtime: str = "ai_edge_litert", num_threads: int | None = None, **options: str
) -> Interpreter:
    """An interpreter of the named package that runs our operators; `options` are the delegate's."""
    if runtime == "tensorflow":
        import tensorflow as tf

        interpreter, load_delegate = tf.lite.Interpreter, tf.lite.experimental.load_delegate
    else:
        from ai_edge_litert import interpreter as litert

        interpreter, load_delegate = litert.Interpreter, litert.load_delegate
    delegate = load_delegate(str(find_library()), options)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"\s*Warning: tf.lite.Interpreter is deprecated", UserWarning)
        return interpreter(model_content=model, num_threads=num_threads, experimental_delegates=[delegate])


def run(interpreter: Interpreter, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Sizes the inputs, runs the model once and returns its outputs."""
    details = interpreter.get_input_details()
    for detail, value in zip(details, inputs, strict=True):
        if tuple(detail["shape"]) != value.shape:
            interpreter.resize_tensor_input(detail["index"], value.shape)
    interpreter.allocate_tensors()
    for detail, value in zip(details, inputs, strict=True):
        interpreter.set_tensor(detail["index"], value)
    interpreter.invoke()
    return [interpreter.get_tensor(detail["index"]) for detail in interpreter.get_output_details()]
