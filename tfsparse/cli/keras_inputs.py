# SPDX-License-Identifier: Apache-2.0
"""Starts Keras, and loads what the commands on Keras models need."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tfsparse.cli.console import err
from tfsparse.errors import InvalidArgumentError, RuntimeUnavailableError

if TYPE_CHECKING:
    import keras
    import numpy as np


def start_keras() -> None:
    """Imports Keras and its backend, without what TensorFlow's libraries have to say about graphics cards.

    Raises:
        RuntimeUnavailableError: Keras or its backend is not installed.
    """
    if "keras" not in sys.modules:
        err.print("Starting Keras ...")
    # It warns of each stage's and round's network being traced, which is meant to be so.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    try:
        with _quiet():
            import keras  # noqa: F401
    except ImportError as error:
        raise RuntimeUnavailableError(
            "Keras cannot be imported.", received=str(error), remedy="Install it: pip install 'tfsparse[train]'."
        ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Sends what native code writes to standard error nowhere."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def load_with_samples(model: Path, data: Path, samples: int) -> tuple[keras.Model, np.ndarray]:
    """A Keras model and the first test samples of a data set, scaled as the model wants them.

    Raises:
        TfsparseError: The model or the data cannot be read, or do not fit each other, or Keras is not installed.
        OSError: The data file is missing.
    """
    from tfsparse.conversion.keras_source import check_keras_path, keras_model
    from tfsparse.datasets import as_model_input, load_npz

    check_keras_path(model)
    images = load_npz(data, need_train=False).x_test[:samples]
    start_keras()
    network = keras_model(model)
    inputs = network.inputs
    if len(inputs) != 1:
        raise InvalidArgumentError(
            "An .npz file of images can be given to a model of one input only.", received=f"{len(inputs)} inputs"
        )
    return network, as_model_input(images, len(inputs[0].shape))
