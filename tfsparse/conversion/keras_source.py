# SPDX-License-Identifier: Apache-2.0
"""Takes in the Keras model to convert or verify, and refuses what cannot be."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfsparse.errors import ModelFormatError, RuntimeUnavailableError, UnsupportedModelError

if TYPE_CHECKING:
    import keras

ModelOrPath = Any
"""A `keras.Model`, or the path of a `.keras` file."""


def keras_model(model_or_path: ModelOrPath) -> keras.Model:
    """The Keras model itself, read from its file if need be.

    Args:
        model_or_path: A Keras 3 model, or the path of a `.keras` file.

    Raises:
        ModelFormatError: the file is missing, damaged, or of another format.
        UnsupportedModelError: the model is of Keras 2.
        InvalidArgumentError: the object is no model.
        RuntimeUnavailableError: Keras is not installed.
    """
    if isinstance(model_or_path, (str, os.PathLike)):
        return load_keras_file(Path(model_or_path))
    _import_keras()
    from tfsparse.analysis.models import require_keras_model

    return require_keras_model(model_or_path)


def load_keras_file(path: Path) -> keras.Model:
    """Reads a `.keras` file.

    Raises:
        ModelFormatError: the file is missing, damaged, or of another format.
    """
    check_keras_path(path)
    if not zipfile.is_zipfile(path):  # of which Keras would say that it was not found
        raise ModelFormatError(
            f"{path} cannot be loaded as a Keras model.",
            expected="a .keras file, which is a zip archive",
            received=f"{path.stat().st_size:,} bytes of something else",
            remedy="Save the model again, or copy the whole file again.",
        )
    keras = _import_keras()
    import tfsparse.layers
    import tfsparse.regularizers  # noqa: F401 (both register the classes that the file may name)

    try:
        return keras.saving.load_model(path, compile=False)
    except Exception as error:  # Keras raises whatever it stumbles over in a damaged file
        raise ModelFormatError(
            f"{path} cannot be loaded as a Keras model.",
            expected="a .keras file whose custom layers are registered with Keras",
            received=f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}",
        ) from error


def check_keras_path(path: Path) -> None:
    """Refuses a path that is no `.keras` file, saying what to do.

    Raises:
        ModelFormatError: there is no such file, or it is of another format.
    """
    save_again = "Load it with the Keras that wrote it, build the model in Keras 3 and save that as a .keras file."
    if path.is_dir() or path.suffix in (".h5", ".hdf5"):
        kind = "a folder (a SavedModel?)" if path.is_dir() else "an HDF5 file"
        raise ModelFormatError(f"{path} is no .keras file.", expected="a .keras file", received=kind, remedy=save_again)
    if not path.exists():
        raise ModelFormatError(f"{path} does not exist.", expected="a .keras file")
    if path.suffix != ".keras":
        raise ModelFormatError(f"{path} is no .keras file.", expected="a name that ends in .keras", remedy=save_again)


def _import_keras() -> Any:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow, if Keras runs on it, greets on the error stream
    try:
        import keras
    except ImportError as error:
        raise RuntimeUnavailableError(
            "Keras is not installed.", remedy="Install it: pip install 'tfsparse[train]'."
        ) from error
    return keras


def check_convertible(model: keras.Model) -> None:
    """Refuses a model that is not built, has no weights, or computes in half precision throughout.

    Raises:
        UnsupportedModelError: says which.
    """
    if not model.built:
        raise UnsupportedModelError(
            f"Model '{model.name}' is not built.", remedy="Call it once on real data, or give it an Input layer."
        )
    if not model.weights:
        raise UnsupportedModelError(
            f"Model '{model.name}' has no weights.", expected="a model with at least one weight", received="none"
        )
    halves = sorted({str(w.dtype) for w in model.weights if str(w.dtype) in ("float16", "bfloat16", "float64")})
    if halves:
        raise UnsupportedModelError(
            f"Model '{model.name}' has weights that are not float32.",
            expected="float32 weights (the policies 'float32', 'mixed_float16' and 'mixed_bfloat16' have them)",
            received=", ".join(halves),
            remedy="Build it with dtype='float32' and copy the weights.",
        )


def call_flat(model: keras.Model) -> Callable[[list[Any]], Any]:
    """A function that calls the model, in inference mode, on the list of its inputs, however it wants them nested."""
    from tfsparse.analysis.models import as_functional, has_graph

    if has_graph(model):
        flat = as_functional(model)
        return lambda inputs: flat(inputs, training=False)
    return lambda inputs: model(inputs if len(inputs) > 1 else inputs[0], training=False)


@contextmanager
def computing_in_float32(model: keras.Model) -> Iterator[None]:
    """Lets every layer of a mixed-precision model compute in float32, as its weights are, inside the `with` block.

    The `.tflite` kernels compute in float32; a graph full of casts to half precision would only lose digits.
    """
    changed = [(layer, layer.dtype_policy) for layer in _all_layers(model) if layer.compute_dtype != "float32"]
    try:
        for layer, policy in changed:
            if policy.name.startswith("mixed_"):
                layer.dtype_policy = "float32"
        yield
    finally:
        for layer, policy in changed:
            layer.dtype_policy = policy


def _all_layers(model: keras.Model) -> list[keras.Layer]:
    from tfsparse.analysis.models import named_layers

    models = [model]
    for outer in models:  # grows while it runs: models may be nested
        models += [layer for layer in getattr(outer, "layers", ()) if hasattr(layer, "layers")]
    return list({id(layer): layer for layer in [*models, *named_layers(model).values()]}.values())
