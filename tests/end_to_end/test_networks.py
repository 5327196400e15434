# SPDX-License-Identifier: Apache-2.0
"""Differently wired networks give in every interpreter what Keras gives."""

from __future__ import annotations

import json
import pathlib
import subprocess

import numpy as np
import pytest

import tfsparse
from tests.utils.wirings import CONV, DEPTHWISE, FC, MASK, PAIR, WIRINGS, build
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import read_model
from tfsparse.runtime.library import find_library

TOLERANCE = 1e-4

RUN_IN_OLD_RUNTIME = """
import sys
import numpy as np
from tflite_runtime.interpreter import Interpreter, load_delegate
folder, library = sys.argv[1:]
model = Interpreter(folder + "/model.tflite", experimental_delegates=[load_delegate(library)])
inputs = np.load(folder + "/inputs.npz")
for detail, name in zip(model.get_input_details(), inputs.files):
    model.resize_tensor_input(detail["index"], inputs[name].shape)
model.allocate_tensors()
for detail, name in zip(model.get_input_details(), inputs.files):
    model.set_tensor(detail["index"], inputs[name])
model.invoke()
np.savez(folder + "/outputs.npz", *(model.get_tensor(detail["index"]) for detail in model.get_output_details()))
"""


def keras_outputs(model, inputs) -> list[np.ndarray]:
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    return [np.asarray(y) for y in (outputs if isinstance(outputs, (list, tuple)) else [outputs])]


def assert_close(expected: list[np.ndarray], received) -> None:
    received = list(received) if isinstance(received, (list, tuple)) else [received]
    assert len(received) == len(expected)
    for wanted, got in zip(expected, received, strict=True):
        assert np.abs(wanted).max() > 1e-3, "the network gives nothing to compare"
        np.testing.assert_allclose(got, wanted, rtol=0, atol=TOLERANCE * np.abs(wanted).max())


def operator_names(path: pathlib.Path) -> list[str]:
    model = read_model(path)
    return [graph.op_name(model, operator) for operator in model.subgraphs[0].operators]


@pytest.fixture(scope="module", params=WIRINGS, ids=str)
def converted(request, tmp_path_factory):
    """A network's name, its file, inputs, and what Keras makes of them."""
    model, inputs = build(request.param)
    path = tmp_path_factory.mktemp("networks") / "model.tflite"
    tfsparse.convert(model, path)
    return request.param, path, inputs, keras_outputs(model, inputs)


@pytest.mark.parametrize("runtime", ["ai_edge_litert", "tensorflow"])
def test_interpreters_agree_with_keras(converted, runtime):
    _, path, inputs, expected = converted
    assert_close(
        expected, tfsparse.Interpreter(path, runtime=runtime).predict(inputs if len(inputs) > 1 else inputs[0])
    )


def test_tflite_runtime_agrees_with_keras(converted, tflite_runtime_python):
    _, path, inputs, expected = converted
    np.savez(path.parent / "inputs.npz", *inputs)
    command = [tflite_runtime_python, "-c", RUN_IN_OLD_RUNTIME, str(path.parent), str(find_library())]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    outputs = np.load(path.parent / "outputs.npz")
    assert_close(expected, [outputs[name] for name in outputs.files])


def test_one_sample_gives_the_same_as_a_batch(converted):
    _, path, inputs, expected = converted
    first = [x[:1] for x in inputs]
    assert_close([y[:1] for y in expected], tfsparse.Interpreter(path).predict(first if len(first) > 1 else first[0]))


def test_fuses_exactly_what_can_be_fused(converted):
    name, path, _, _ = converted
    wiring, found = WIRINGS[name], operator_names(path)
    assert [found.count(operator) for operator in (CONV, FC, MASK, DEPTHWISE, PAIR)] == [
        wiring.convolutions,
        wiring.products,
        wiring.masks,
        wiring.depthwise,
        wiring.pairs,
    ]


@pytest.mark.parametrize("name", ["plain", "several_consumers", "flatten_neurons", "dense_rank3", "nested"])
def test_builtin_lowering_agrees_with_keras(name, tmp_path):
    model, inputs = build(name)
    report = tfsparse.convert(model, tmp_path / "model.tflite", lowering="builtin")
    assert not any(operator.startswith("TfSparse") for operator in operator_names(tmp_path / "model.tflite"))
    assert {layer["became"] for layer in json.loads(report.to_json())["layers"]} == {"builtin operators"}
    predicted = tfsparse.Interpreter(tmp_path / "model.tflite").predict(inputs[0])
    assert_close(keras_outputs(model, inputs), predicted)
