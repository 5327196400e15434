# SPDX-License-Identifier: Apache-2.0
"""Runs a Keras model and a `.tflite` file on the same inputs and compares them layer by layer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tfsparse.conversion.keras_source import (
    ModelOrPath,
    call_flat,
    check_convertible,
    computing_in_float32,
    keras_model,
)
from tfsparse.conversion.naming import call_name
from tfsparse.errors import InvalidArgumentError
from tfsparse.runtime.interpreter import Interpreter
from tfsparse.verification.comparison import Tally, near_thresholds, near_ties
from tfsparse.verification.report import TensorComparison, VerificationReport

if TYPE_CHECKING:
    import keras

_SAMPLES_AT_ONCE = 8
"""Every activation of these samples is in memory twice."""

Inputs = np.ndarray | Sequence[np.ndarray] | Mapping[str, np.ndarray]


@dataclass
class _KerasRun:
    """What Keras computes for a batch: outputs, each layer's output in the order of execution, and the samples whose
    winners are too close to call in that layer or before."""

    outputs: list[np.ndarray]
    layers: dict[str, np.ndarray]
    tied: dict[str, np.ndarray]
    tied_anywhere: np.ndarray


def verify(
    model_or_path: ModelOrPath,
    tflite: str | os.PathLike[str] | bytes,
    x: Inputs,
    *,
    tolerance: float = 1e-4,
    runtime: str = "auto",
) -> VerificationReport:
    """Compares a Keras model with the `.tflite` file that was made of it, on real inputs.

    The file runs twice: the ordinary way, to compare the outputs, and with every operator on its own, to compare each
    layer whose output is a tensor of the file and to name the first one that differs.

    Keras and the interpreter add up the same products in another order, so scores differ in their last digits. Where
    the weakest winner and the strongest loser of a sample score the same within the tolerance, either may win, and
    all that follows differs then. Such a sample is not counted where it differs; any other has to agree.

    Args:
        model_or_path: A built Keras 3 model, or the path of a `.keras` file.
        tflite: Path of the `.tflite` file, or its content.
        x: Inputs `[samples, ...]`; for several inputs a list in the model's order, or a dictionary by input name.
        tolerance: Largest difference allowed, as a share of the largest magnitude in Keras' tensor; above 0.
        runtime: Interpreter package, as `tfsparse.Interpreter` takes it.

    Returns:
        The errors of outputs and layers, and whether all are within the tolerance.

    Raises:
        ModelFormatError: A file is missing, damaged, or of another format.
        UnsupportedModelError: The model is of Keras 2, not built, or has no weights.
        InvalidArgumentError: `model_or_path` is no model, `x` does not fit the model, or `tolerance` is out of range.
        RuntimeUnavailableError: The interpreter package or the native library is missing.

    Example:

    >>> import keras, tempfile, tfsparse
    >>> x = keras.Input((16,))
    >>> model = keras.Model(x, keras.layers.Dense(10, name="logits")(keras.layers.Dense(32, name="hidden")(x)))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = tfsparse.convert(model, folder + "/model.tflite")
    ...     report = tfsparse.verify(model, folder + "/model.tflite", np.ones((4, 16)))
    >>> report.passed, [layer.name for layer in report.layers]
    (True, ['hidden', 'logits'])
    """
    if not 0.0 < float(tolerance) < 1.0:
        raise InvalidArgumentError("Invalid `tolerance`.", expected="a number in (0, 1)", received=tolerance)
    model = keras_model(model_or_path)
    check_convertible(model)
    whole, single = Interpreter(tflite, runtime=runtime), Interpreter(tflite, runtime=runtime, keep_tensors=True)
    arrays = _input_arrays(model, x)
    tallies: dict[str, Tally] = {}
    outputs = [Tally(tolerance) for _ in whole.output_details]
    missing: dict[str, None] = {}
    with computing_in_float32(model):
        for batch in _batches(arrays, whole):
            received = _as_list(whole.predict(_one_or_all(batch)))  # first: it says what is wrong with a wrong shape
            single.predict(_one_or_all(batch))
            expected = _run_keras(model, batch, tolerance)
            _compare_outputs(outputs, expected, received)
            _compare_layers(tallies, missing, expected, single.tensors(), tolerance)
    names = [str(detail["name"]) for detail in whole.output_details]
    return _report(
        tolerance, len(arrays[0]), whole.runtime, dict(zip(names, outputs, strict=True)), tallies, tuple(missing)
    )


def _report(
    tolerance: float,
    samples: int,
    runtime: str,
    outputs: dict[str, Tally],
    layers: dict[str, Tally],
    not_compared: tuple[str, ...],
) -> VerificationReport:
    rows = [[_row(name, tally) for name, tally in tallies.items()] for tallies in (outputs, layers)]
    first = next((row.name for row in rows[1] if not row.agrees), None)
    return VerificationReport(
        passed=all(row.agrees for row in [*rows[0], *rows[1]]),
        tolerance=tolerance,
        samples=samples,
        runtime=runtime,
        outputs=tuple(rows[0]),
        layers=tuple(rows[1]),
        not_compared=not_compared,
        first_difference=first,
    )


def _row(name: str, tally: Tally) -> TensorComparison:
    return TensorComparison(name, tally.error, tally.relative, tally.undecided, tally.agrees)


def _input_arrays(model: keras.Model, x: Inputs) -> list[np.ndarray]:
    """One array per input in the model's order, equally long."""
    if isinstance(x, Mapping):
        names = [tensor.name for tensor in getattr(model, "inputs", None) or ()]
        if set(names) != set(x):
            raise InvalidArgumentError(
                "The inputs are not named as in the model.", expected=f"{names}", received=list(x)
            )
        arrays = [np.asarray(x[name]) for name in names]
    else:
        several = isinstance(x, (list, tuple)) and len(getattr(model, "inputs", None) or ()) > 1
        arrays = [np.asarray(part) for part in (x if several else [x])]
    lengths = {array.shape[:1] for array in arrays}
    if len(lengths) != 1 or lengths == {()} or lengths == {(0,)}:
        raise InvalidArgumentError(
            "`x` holds nothing to compare.",
            expected="at least one sample, and equally many for every input",
            received=f"shapes {[array.shape for array in arrays]}",
        )
    return arrays


def _batches(arrays: list[np.ndarray], interpreter: Interpreter) -> Iterator[list[np.ndarray]]:
    """Batches small enough to keep all activations of; of the file's own size if it has one."""
    fixed = int(interpreter.input_details[0]["shape_signature"][0])
    size = _SAMPLES_AT_ONCE if fixed == -1 else fixed
    if fixed != -1 and len(arrays[0]) % fixed:
        raise InvalidArgumentError(
            "The samples do not fill whole batches of the file.",
            expected=f"a multiple of {fixed} samples",
            received=len(arrays[0]),
        )
    for start in range(0, len(arrays[0]), size):
        yield [array[start : start + size] for array in arrays]


def _run_keras(model: keras.Model, batch: list[np.ndarray], tolerance: float) -> _KerasRun:
    import keras

    from tfsparse.analysis.activations import observing, to_numpy
    from tfsparse.analysis.models import named_layers
    from tfsparse.layers import SampledWTADropout, WTADropout

    layers = named_layers(model)
    paths = {id(layer): path for path, layer in layers.items()}
    run = _KerasRun([], {}, {}, np.zeros(len(batch[0]), bool))

    def note(layer: keras.Layer, index: int, inputs: Any, outputs: Any) -> None:
        if isinstance(layer, SampledWTADropout):
            at_threshold = near_thresholds(to_numpy(inputs), to_numpy(layer.thresholds(inputs)), tolerance)
            run.tied_anywhere = run.tied_anywhere | at_threshold
        elif isinstance(layer, WTADropout):
            run.tied_anywhere = run.tied_anywhere | near_ties(to_numpy(inputs), layer.spec(), tolerance)
        if hasattr(outputs, "shape") and tuple(outputs.shape[:1]) == (len(batch[0]),):
            name = call_name(paths[id(layer)], index)
            run.layers[name], run.tied[name] = to_numpy(outputs), run.tied_anywhere

    with observing(layers.values(), note):
        results = call_flat(model)([keras.ops.convert_to_tensor(part) for part in batch])
    run.outputs = [to_numpy(result) for result in keras.tree.flatten(results)]
    return run


def _compare_outputs(tallies: list[Tally], expected: _KerasRun, received: list[np.ndarray]) -> None:
    shapes = [output.shape for output in expected.outputs], [output.shape for output in received]
    if shapes[0] != shapes[1]:
        raise InvalidArgumentError(
            "The file was not made of this model.", expected=f"outputs of {shapes[0]}", received=f"{shapes[1]}"
        )
    for tally, wanted, got in zip(tallies, expected.outputs, received, strict=True):
        tally.add(wanted, got, expected.tied_anywhere)


def _compare_layers(
    tallies: dict[str, Tally],
    missing: dict[str, None],
    expected: _KerasRun,
    tensors: dict[str, np.ndarray],
    tolerance: float,
) -> None:
    for name, wanted in expected.layers.items():
        got = tensors.get(name)
        if got is None or got.size != wanted.size:
            missing[name] = None
        else:
            tallies.setdefault(name, Tally(tolerance)).add(wanted, got, expected.tied[name])


def _as_list(outputs: np.ndarray | tuple[np.ndarray, ...]) -> list[np.ndarray]:
    return list(outputs) if isinstance(outputs, tuple) else [outputs]


def _one_or_all(parts: list[Any]) -> Any:
    return parts if len(parts) > 1 else parts[0]
