# SPDX-License-Identifier: Apache-2.0
"""Exports a Keras model to `.tflite` bytes, its winners-take-all layers as markers or as builtin operators.

The only file that imports TensorFlow, inside its functions. Run as a program, it exports a `.keras` file under Keras'
TensorFlow backend for a caller that trains on another one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import logging
import math
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.conversion.keras_source import call_flat, check_convertible, computing_in_float32, load_keras_file
from tfsparse.conversion.naming import LayerOutput, call_name, name_tensors
from tfsparse.errors import ConversionError, RuntimeUnavailableError, TfsparseError, UnsupportedModelError
from tfsparse.ops import WTA_MARKER

if TYPE_CHECKING:
    import keras

    from tfsparse.layers.export_hook import WinnerSpec

Lowering = Literal["custom", "builtin"]
_LONGEST_QUOTE = 400
"""Characters of TensorFlow's own message that an error shows; the rest is in its cause."""

_LOG = logging.getLogger(__name__)


def export_model(model: keras.Model, lowering: Lowering) -> bytes:
    """Exports a model of Keras' TensorFlow backend.

    The batch axis stays open; every other axis must have a known size. Layers of a mixed-precision policy are exported
    in float32.

    Args:
        model: A built Keras 3 model.
        lowering: `"custom"` turns each winners-take-all layer into one marker operator, `"builtin"` into operators
            that every interpreter knows.

    Returns:
        Content of a `.tflite` file.

    Raises:
        UnsupportedModelError: the model is not built, has no weights, or has an axis of unknown size.
        ConversionError: TensorFlow's converter refuses the model; names the operator if one is to blame.
    """
    from tfsparse.layers.export_hook import lowering_winners

    check_convertible(model)
    tf = _import_tensorflow()
    inputs, call_model = _input_specs(tf, model), call_flat(model)
    outputs: dict[str, str] = {}  # name in the signature → layer
    traced: dict[str, LayerOutput] = {}

    def call(**arguments: Any) -> dict[str, Any]:
        tensors = [arguments[_argument(index)] for index in range(len(inputs))]
        with _noting_outputs(model, traced), lowering_winners(_lowering_function(tf, model, lowering)):
            results = tf.nest.flatten(call_model(tensors))
        for name, result in zip(_output_names(model, len(results)), results, strict=True):
            outputs[name] = traced[result.op.name].layer if result.op.name in traced else name
        return {_argument(index): result for index, result in enumerate(results)}

    with computing_in_float32(model):
        content = _run_converter(tf, model, call, list(inputs.values()))
    exported = read_model(content)
    name_tensors(exported, traced, {name: name for name in inputs}, outputs)
    return serialize(exported)


def _argument(index: int) -> str:
    """What an input or output is called while TensorFlow, which does not take every name, has it."""
    return f"argument_{index}"


def _run_converter(tf: Any, model: keras.Model, call: Callable[..., Any], specs: list[Any]) -> bytes:
    """Traces `call` and converts the trace, quietly."""
    with _captured_stderr() as noise:
        try:
            signature = {_argument(index): spec for index, spec in enumerate(specs)}
            concrete = tf.function(call, autograph=False).get_concrete_function(**signature)
            weights = tf.Module()
            weights.variables_of_model = [weight.value for weight in model.weights]  # tracked, so that they get frozen
            converter = tf.lite.TFLiteConverter.from_concrete_functions([concrete], weights)
            converter.allow_custom_ops = True  # for the markers; the caller checks that there is no other
            converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
            return converter.convert()
        except TfsparseError:
            raise
        except Exception as error:  # the layers and the converter raise whatever they stumble over
            raise _conversion_error(model.name, error) from error
        finally:
            _LOG.debug("TensorFlow's converter said:\n%s", noise())


@contextlib.contextmanager
def _noting_outputs(model: keras.Model, traced: dict[str, LayerOutput]) -> Iterator[None]:
    """Fills in, while the model is traced, which layer each graph tensor comes from: operation → layer."""
    from tfsparse.analysis.activations import observing
    from tfsparse.analysis.models import named_layers

    layers = named_layers(model)
    paths = {id(layer): path for path, layer in layers.items()}

    def note(layer: keras.Layer, index: int, inputs: Any, outputs: Any) -> None:
        if hasattr(outputs, "op"):
            output = LayerOutput(call_name(paths[id(layer)], index), tuple(outputs.shape[1:]))
            traced.setdefault(outputs.op.name, output)

    with observing(layers.values(), note):
        yield


def _import_tensorflow() -> Any:
    try:
        import tensorflow
    except ImportError as error:
        raise RuntimeUnavailableError(
            "TensorFlow is not installed; a Keras model cannot be exported without it.",
            remedy="Install it: pip install 'tfsparse[train]'.",
        ) from error
    return tensorflow


def _input_specs(tf: Any, model: keras.Model) -> dict[str, Any]:
    """Input name → its shape, batch open, and type."""
    specs = {}
    for name, shape, dtype in _inputs(model):
        if shape is None or any(size is None for size in shape[1:]):
            raise UnsupportedModelError(
                f"Input '{name}' of model '{model.name}' has axes of unknown size.",
                expected="a known size on every axis but the batch",
                received=f"shape {shape}",
                remedy="Build the model with the input size that the device will see.",
            )
        specs[name] = tf.TensorSpec(shape, dtype)
    return specs


def _inputs(model: keras.Model) -> list[tuple[str, tuple[int | None, ...] | None, str]]:
    """Name, shape and type of every input; a subclassed model remembers the shapes that it was built with."""
    known = getattr(model, "inputs", None)
    if known:
        return [(tensor.name, tuple(tensor.shape), str(tensor.dtype)) for tensor in known]
    built = model.get_build_config() or {}
    shape = built.get("input_shape")
    if not isinstance(shape, tuple) or any(not isinstance(size, (int, type(None))) for size in shape):
        raise UnsupportedModelError(
            f"The inputs of model '{model.name}' cannot be told.",
            expected="a subclassed model that was called with one tensor",
            received=f"build config {built}",
            remedy="Wrap it: x = keras.Input(...); keras.Model(x, model(x)).",
        )
    return [("inputs", (None, *shape[1:]), "float32")]


def _output_names(model: keras.Model, count: int) -> list[str]:
    """One name for each output, in order, none twice."""
    names: list[str] = []
    for name in getattr(model, "output_names", None) or [f"output_{index}" for index in range(count)]:
        names.append(name if name not in names else f"{name}_{len(names)}")
    return names


def _lowering_function(tf: Any, model: keras.Model, lowering: Lowering) -> Callable[[Any, WinnerSpec], Any]:
    from tfsparse.analysis.models import named_layers

    layers = named_layers(model)
    paths = {layer.name: path for path, layer in layers.items()}
    known = {name for name in paths if sum(layer.name == name for layer in layers.values()) == 1}

    def builtin(x: Any, spec: WinnerSpec) -> Any:
        return _masked(tf, x, spec)

    def marker(x: Any, spec: WinnerSpec) -> Any:
        path = paths[spec.layer] if spec.layer in known else spec.layer
        function = tf.function(
            lambda t: _masked(tf, t, spec), autograph=False, experimental_implements=_marker_attributes(spec, path)
        )
        return function(x)

    return marker if lowering == "custom" else builtin


def _marker_attributes(spec: WinnerSpec, path: str) -> str:
    """The text-format attributes from which the converter makes one custom operator."""
    values = {
        "tfl_fusable_op": "b: true",
        "layer": f's: "{_escaped(path)}"',
        "winners": f"i: {spec.winners}",
        "winner_rate": f"f: {spec.winner_rate!r}",
        "score": f's: "{spec.score}"',
        "unit": f's: "{spec.unit}"',
    }
    attributes = (f'attr {{ key: "{key}" value {{ {value} }} }}' for key, value in values.items())
    return f'name: "{WTA_MARKER}" {" ".join(attributes)}'


def _escaped(name: str) -> str:
    """A string as protobuf's text format takes it: whatever is not plain as octal bytes."""
    plain = set(range(32, 127)) - set(b"\"'\\")
    return "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in name.encode())


def _masked(tf: Any, x: Any, spec: WinnerSpec) -> Any:
    """Winners-take-all in operators that every interpreter knows: the same winners as the layer's, ties included."""
    size = int(x.shape[-1]) if spec.unit == "channel" else math.prod(x.shape[1:])
    if spec.winners >= size:
        return tf.identity(x)
    wins = _wins(tf, _scores(tf, x, spec, size), spec.winners)
    ones = [1] * (len(x.shape) - 2) if spec.unit == "channel" else []
    wins = tf.reshape(wins, [-1, *ones, size] if spec.unit == "channel" else [-1, *x.shape[1:]])
    return tf.where(wins, x, tf.zeros([], x.dtype))  # no product: a NaN or infinity of a loser shall be 0 as well


def _scores(tf: Any, x: Any, spec: WinnerSpec, size: int) -> Any:
    magnitude = tf.abs(x)
    if spec.unit == "neuron":
        scores = tf.reshape(magnitude, [-1, size])
    elif len(x.shape) > 2:
        reduce = tf.reduce_max if spec.score == "max" else tf.reduce_mean
        scores = reduce(magnitude, axis=list(range(1, len(x.shape) - 1)))
    else:
        scores = magnitude
    return tf.where(tf.not_equal(scores, scores), tf.constant(float("inf"), scores.dtype), scores)


def _wins(tf: Any, scores: Any, winners: int) -> Any:
    """Whatever exceeds the k-th score wins, and of what equals it the first ones, until there are k winners."""
    threshold = tf.math.top_k(scores, winners).values[:, winners - 1 :]
    above, equal = tf.greater(scores, threshold), tf.equal(scores, threshold)
    room = winners - tf.reduce_sum(tf.cast(above, tf.int32), axis=-1, keepdims=True)
    among_first = tf.less_equal(tf.cumsum(tf.cast(equal, tf.int32), axis=-1), room)
    return tf.logical_or(above, tf.logical_and(equal, among_first))


def _conversion_error(name: str, error: Exception) -> ConversionError:
    said = re.sub(r"\x1b\[\d*m", "", str(error))  # Keras prints in bold
    missing = re.search(r"(?:TF Select|Custom) ops?: ([^\n]+)", said) or re.search(r"'(tf\.\w+)' op", said)
    problem = f"TensorFlow's converter refuses model '{name}'."
    if missing:
        problem = f"Model '{name}' uses an operator that .tflite lacks: {missing.group(1).strip()}."
    return ConversionError(
        problem,
        expected="layers that .tflite's builtin operators can express",
        received=" ".join(said.split())[:_LONGEST_QUOTE] or type(error).__name__,
        remedy="Replace the layer that uses it; recurrent layers convert with a fixed batch size, "
        "keras.Input(shape, batch_size=1).",
    )


@contextlib.contextmanager
def _captured_stderr() -> Iterator[Callable[[], str]]:
    """Takes what TensorFlow's C++ code writes to the error stream, and its Python prints, off the screen."""
    with tempfile.TemporaryFile() as sink, contextlib.redirect_stdout(io.StringIO()):
        sys.stderr.flush()
        kept = os.dup(2)
        os.dup2(sink.fileno(), 2)
        try:
            yield lambda: _content(sink)
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _content(sink: Any) -> str:
    sink.seek(0)
    return sink.read().decode("utf-8", "replace")


def main(arguments: list[str] | None = None) -> int:
    """Exports a `.keras` file; for callers whose Keras runs on another backend."""
    parser = argparse.ArgumentParser(prog="python -m tfsparse.conversion.export", description=main.__doc__)
    parser.add_argument("keras_file", type=Path)
    parser.add_argument("tflite_file", type=Path)
    parser.add_argument("--lowering", choices=("custom", "builtin"), required=True)
    chosen = parser.parse_args(arguments)
    try:
        chosen.tflite_file.write_bytes(export_model(load_keras_file(chosen.keras_file), chosen.lowering))
    except TfsparseError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
