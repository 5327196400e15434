# SPDX-License-Identifier: Apache-2.0
"""The inputs that models are timed on."""

from __future__ import annotations

import numpy as np

from tfsparse.datasets.images import as_model_input
from tfsparse.errors import InvalidArgumentError
from tfsparse.runtime.interpreter import Interpreter

MAX_SAMPLES = 64
"""Different inputs to run on by turns: the winners change with the input, and with them what the caches hold."""

_INTEGER_LIMIT = 128


def random_samples(interpreter: Interpreter, seed: int = 0, count: int = 16) -> list[list[np.ndarray]]:
    """Random inputs of the model's own shapes: floating-point numbers even in [0, 1), integers from 0 to 127.

    Real inputs are better: on random ones the layers' activations, and so the number of winners that are zero and
    skipped, may differ from those in use.

    Args:
        interpreter: The model.
        seed: Seed of the generator.
        count: How many.
    """
    generator = np.random.default_rng(seed)
    return [[_random(generator, detail) for detail in interpreter.input_details] for _ in range(count)]


def _random(generator: np.random.Generator, detail: dict) -> np.ndarray:
    shape, dtype = tuple(detail["shape"]), np.dtype(detail["dtype"])
    if np.issubdtype(dtype, np.floating):
        return generator.random(shape, np.float32).astype(dtype)
    if np.issubdtype(dtype, np.integer):
        return generator.integers(0, _INTEGER_LIMIT, shape).astype(dtype)
    raise InvalidArgumentError(
        f"Input {detail['name']} cannot be filled with random numbers.", expected="numbers", received=dtype.name
    )


def data_samples(interpreter: Interpreter, images: np.ndarray) -> list[list[np.ndarray]]:
    """Stored samples, scaled by the rule of `as_model_input`, in batches of the model's own size.

    Args:
        interpreter: The model, which must have one input.
        images: Array `[samples, ...]`; at most the first 64 batches are used.

    Raises:
        InvalidArgumentError: The model has several inputs, or the images do not fit it.
    """
    details = interpreter.input_details
    if len(details) != 1:
        raise InvalidArgumentError(
            "Stored samples can be given to a model of one input only.", received=f"{len(details)} inputs"
        )
    shape = tuple(int(size) for size in details[0]["shape"])
    images = images[: MAX_SAMPLES * shape[0]]
    samples = as_model_input(images, len(shape)).astype(details[0]["dtype"])
    if samples.shape[1:] != shape[1:] or len(samples) < shape[0]:
        raise InvalidArgumentError(
            "The samples do not fit the model's input.", expected=f"{list(shape)}", received=f"{list(samples.shape)}"
        )
    full = len(samples) // shape[0]
    return [[batch] for batch in np.split(samples[: full * shape[0]], full)]
