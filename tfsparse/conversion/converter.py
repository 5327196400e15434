# SPDX-License-Identifier: Apache-2.0
"""Converts a Keras model to a `.tflite` file in which the winners alone are computed."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from ai_edge_litert import schema_py_generated as schema

import tfsparse
from tfsparse import ops
from tfsparse.conversion import graph
from tfsparse.conversion.export import Lowering, export_model
from tfsparse.conversion.files import check_writable, write_atomically
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.conversion.keras_source import ModelOrPath, check_convertible, keras_model
from tfsparse.conversion.pipeline import run_passes
from tfsparse.conversion.report import ConversionReport, WinnerLayer, gone_layer, make_report
from tfsparse.conversion.sparse_layers import sparse_layers
from tfsparse.conversion.zeros import MeasuredZeros, behind, behind_any
from tfsparse.errors import ConversionError, InvalidArgumentError

if TYPE_CHECKING:
    import keras

    from tfsparse.conversion.passes.skip_zeros import Choose
    from tfsparse.layers import WTADropout
    from tfsparse.runtime.interpreter import Inputs

Kernel = Literal["auto", "direct"]
SkipZeros = Literal["auto"] | bool


def convert(
    model_or_path: ModelOrPath,
    output: str | os.PathLike[str],
    *,
    lowering: Lowering = "custom",
    skip_zeros: SkipZeros = "auto",
    calibration: Inputs | None = None,
    accelerate_dense: bool = False,
    kernel: Kernel = "auto",
    overwrite: bool = False,
) -> ConversionReport:
    """Converts a Keras model to a `.tflite` file.

    A `WTADropout` layer becomes the operator `TfSparseSelectWinners`; the convolutions and dense layers behind it
    become `TfSparseWinnerConv2D`, `TfSparseWinnerDepthwiseConv2D` and `TfSparseWinnerFullyConnected`, which compute
    with the winners alone; a depthwise and a pointwise convolution become one `TfSparseWinnerSeparableConv2D`. Where
    another operator needs the masked data, `TfSparseMaskWinners` makes it; the report says where and why. A stock
    interpreter runs the file with tfsparse's native library (see `tfsparse.Interpreter`).

    The batch axis of the file is open. Weights are float32; a model of a mixed-precision policy, whose weights are
    float32 too, is converted to compute in float32. A model without any `WTADropout`, and without layers that are made
    to put out zeros (see `skip_zeros`), gives an ordinary file.

    Args:
        model_or_path: A built Keras 3 model of any kind and backend, or the path of a `.keras` file. A model of another
            backend than TensorFlow is saved and exported by a second Python process; its custom layers must then be
            importable there.
        output: Path of the file to write. Written as a whole or not at all.
        lowering: `"custom"` as above; `"builtin"` expresses the masks in operators that every interpreter knows, for
            GPU and NPU delegates and runtimes without the native library: the same results, but nothing is skipped.
        skip_zeros: Which convolutions and dense layers without a winners-take-all layer shall skip the zeros of their
            input. `"auto"` without `calibration`: those behind a `FATReLU`, a `SampledWTADropout` or a layer whose
            `activity_regularizer` is `TransformedL1`, `HoyerSquare` or l1, with ReLU, max-pooling, padding and reshapes
            in between, however many zeros there are. `"auto"` with `calibration`: those in whose input at least half
            are zeros, whatever made them, but none that reads an input of the model. True: all but those that read an
            input of the model. How much that saves depends on the zeros of each input; where they are too few, a layer
            is computed as without the option, its weights being kept in both forms.
        calibration: Samples that `skip_zeros="auto"` goes by, as `tfsparse.Interpreter.predict` takes them: some dozens
            of inputs as the model will meet them. The interpreter runs the model on them, and the report has the share
            of zeros in the input of each layer.
        accelerate_dense: Whether 3x3 convolutions of stride 1 without a winners-take-all layer shall run in the native
            library as well, which transforms them into ones with fewer multiplications (Winograd) where that is faster.
            Results differ by a few millionths.
        kernel: `"direct"` keeps the native library from transforming any convolution; `"auto"` lets it choose.
        overwrite: Whether `output` may replace an existing file.

    Returns:
        What became of each layer, and the multiply-accumulates before and after.

    Raises:
        UnsupportedModelError: The model is of Keras 2, not built, has no weights, or has open axes besides the batch.
        ModelFormatError: The `.keras` file is missing, damaged, or of another format.
        ConversionError: An operator has no `.tflite` form, or `output` exists or cannot be written.
        InvalidArgumentError: `model_or_path` is no model, an option has an unknown value, `calibration` does not fit
            the model, or options exclude one another: the lowering to builtin operators has no use for those of the
            native library.
        RuntimeUnavailableError: `calibration` is given and there is no interpreter package or native library to run.

    Example:

    >>> import keras
    >>> x = keras.Input((16,))
    >>> hidden = tfsparse.layers.WTADropout(0.25, name="mask")(keras.layers.Dense(32, name="hidden")(x))
    >>> model = keras.Model(x, keras.layers.Dense(10, name="logits")(hidden))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     report = tfsparse.convert(model, Path(folder, "model.tflite"))
    >>> [(layer.layer, layer.winners, layer.consumers[0].operator) for layer in report.layers]
    [('mask', 8, 'TfSparseWinnerFullyConnected')]
    >>> report.dense_macs, report.computed_macs
    (832, 592)
    """
    _check_options(lowering, skip_zeros, calibration is not None, accelerate_dense, kernel)
    path = Path(output)
    check_writable(path, overwrite)
    source = keras_model(model_or_path)
    check_convertible(source)
    model = read_model(_exported(source, lowering))
    measured = None if calibration is None else MeasuredZeros(calibration)
    dropped = run_passes(model, measured or _zeros_choice(source, lowering, skip_zeros), accelerate_dense, kernel)
    _refuse_foreign_operators(model)
    content = serialize(model)
    read_model(content)  # what is written here can be read here
    check_writable(path, overwrite)  # again: the export took its time
    write_atomically(path, content)
    others = dropped if lowering == "custom" else _builtin_layers(source)
    return make_report(model, str(path), len(content), lowering, others, measured.found if measured else ())


def _zeros_choice(source: keras.Model, lowering: Lowering, skip_zeros: SkipZeros) -> Choose | None:
    if lowering == "builtin" or skip_zeros is False:
        return None
    return behind_any if skip_zeros is True else behind(sparse_layers(source))


def _check_options(
    lowering: str, skip_zeros: object, has_calibration: bool, accelerate_dense: object, kernel: str
) -> None:
    if lowering not in get_args(Lowering):
        raise InvalidArgumentError("Unknown `lowering`.", expected="'custom' or 'builtin'", received=lowering)
    if not isinstance(skip_zeros, bool) and skip_zeros != "auto":
        raise InvalidArgumentError("Invalid `skip_zeros`.", expected="'auto', True or False", received=skip_zeros)
    if not isinstance(accelerate_dense, bool):
        raise InvalidArgumentError("Invalid `accelerate_dense`.", expected="True or False", received=accelerate_dense)
    if kernel not in get_args(Kernel):
        raise InvalidArgumentError("Unknown `kernel`.", expected="'auto' or 'direct'", received=kernel)
    if accelerate_dense and kernel == "direct":
        raise InvalidArgumentError(
            "`accelerate_dense` transforms convolutions, which `kernel` forbids.",
            expected="accelerate_dense=False or kernel='auto'",
            received="accelerate_dense=True, kernel='direct'",
        )
    if has_calibration and skip_zeros != "auto":
        raise InvalidArgumentError(
            "`calibration` is what `skip_zeros='auto'` goes by; True and False leave nothing to decide.",
            expected="skip_zeros='auto', or no `calibration`",
            received=f"skip_zeros={skip_zeros}",
        )
    given = {
        "skip_zeros": skip_zeros is True,
        "calibration": has_calibration,
        "accelerate_dense": accelerate_dense,
        "kernel": kernel == "direct",
    }
    for name in (name for name, is_given in given.items() if is_given and lowering == "builtin"):
        raise InvalidArgumentError(
            f"`{name}` is about operators of the native library, and lowering='builtin' uses none.",
            expected=f"lowering='custom', or no `{name}`",
            received="lowering='builtin'",
        )


def _exported(model: keras.Model, lowering: Lowering) -> bytes:
    import keras

    if keras.backend.backend() == "tensorflow":
        return export_model(model, lowering)
    return _exported_elsewhere(model, lowering)


def _exported_elsewhere(model: keras.Model, lowering: Lowering) -> bytes:
    """Exports through a file, by a process whose Keras runs on TensorFlow."""
    with tempfile.TemporaryDirectory(prefix="tfsparse-") as folder:
        keras_file, tflite_file = Path(folder, "model.keras"), Path(folder, "model.tflite")
        model.save(keras_file)
        command = [sys.executable, "-m", "tfsparse.conversion.export", str(keras_file), str(tflite_file)]
        root = str(Path(tfsparse.__file__).parents[1])
        places = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "PYTHONPATH": places}
        done = subprocess.run(
            [*command, "--lowering", lowering], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()
            raise ConversionError(
                f"Model '{model.name}' could not be exported under Keras' TensorFlow backend.",
                received=said[-1] if said else f"exit code {done.returncode}",
                remedy="Custom layers must be registered and importable; or run with KERAS_BACKEND=tensorflow.",
            )
        return tflite_file.read_bytes()


def _refuse_foreign_operators(model: schema.ModelT) -> None:
    """Custom operators that are not tfsparse's stand for what `.tflite` cannot express."""
    for subgraph in model.subgraphs:
        for operator in subgraph.operators:
            code = model.operatorCodes[operator.opcodeIndex]
            name = graph.op_name(model, operator)
            if graph.builtin_code(code) == schema.BuiltinOperator.CUSTOM and name not in ops.WINNER_OPS:
                raise ConversionError(
                    f"The model uses an operator that .tflite lacks: {name}.",
                    expected="layers that .tflite's builtin operators can express",
                    received=f"{name}, which computes "
                    f"'{graph.text(subgraph.tensors[graph.outputs_of(operator)[0]].name)}'",
                    remedy="Replace the layer that uses it.",
                )


def _builtin_layers(model: keras.Model) -> list[WinnerLayer]:
    """The rows of the winners-take-all layers that became builtin operators, which do not tell where they came from."""
    from tfsparse.analysis.models import named_layers
    from tfsparse.layers import WTADropout

    found = []
    for path, layer in named_layers(model).items():
        if isinstance(layer, WTADropout):
            spec = layer.spec()
            options = ops.SelectWinners(path, spec.winners, spec.winner_rate, spec.score, spec.unit)
            found.append(gone_layer(options, _units(layer), "builtin operators"))
    return found


def _units(layer: WTADropout) -> int:
    shape = layer.get_build_config()["input_shape"]
    return int(shape[-1]) if layer.spec().unit == "channel" else math.prod(shape[1:])
