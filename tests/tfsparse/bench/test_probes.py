# SPDX-License-Identifier: Apache-2.0
"""Probes change nothing but the order of execution, stand where layers end, and tell the layers' times."""

from __future__ import annotations

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, random
from tests.utils.tflite_builder import encode
from tfsparse import ops
from tfsparse.bench.models.layers import LayerShape, dense_layer, winner_layer
from tfsparse.bench.networks.architectures import ALEXNET, MOBILENET_V1, RESNET18
from tfsparse.bench.networks.calibration import calibrated_filters
from tfsparse.bench.networks.graph import network_model
from tfsparse.bench.probes import PROBED, add_probes
from tfsparse.bench.timing import time_once
from tfsparse.conversion import graph
from tfsparse.conversion.flatbuffer import read_model
from tfsparse.conversion.op_codec import options_of
from tfsparse.errors import InvalidArgumentError
from tfsparse.runtime.interpreter import Interpreter

SIZE, WIDTH = 64, 0.125
SIZES = {ALEXNET: 99, RESNET18: SIZE, MOBILENET_V1: SIZE}
RUNTIMES = ["ai_edge_litert", "tensorflow"]


def image(architecture, seed=1):
    return np.random.default_rng(seed).random((1, SIZES[architecture], SIZES[architecture], 3), np.float32)


@pytest.fixture(scope="module")
def networks():
    """Each network, dense."""
    return {
        architecture: network_model(
            architecture, calibrated_filters(architecture, image(architecture, 0), {}, WIDTH), {}, size, WIDTH
        )
        for architecture, size in SIZES.items()
    }


def probes_of(model: bytes) -> list[ops.Probe]:
    """The probes of a model in their order."""
    network = read_model(model)
    found = [options_of(operator, network) for operator in network.subgraphs[0].operators]
    return [options for options in found if isinstance(options, ops.Probe)]


def layers_of(model: bytes) -> list[tuple[str, str]]:
    return [(probe.layer, probe.operator) for probe in probes_of(model)]


def entries(interpreter: Interpreter) -> list[dict]:
    return sorted(interpreter.profile(), key=lambda entry: entry["node"])


@pytest.mark.parametrize("architecture", SIZES, ids=lambda architecture: architecture.name)
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("threads", [1, 2])
def test_results_stay_the_same(networks, architecture, runtime, threads):
    x = image(architecture)
    expected = Interpreter(networks[architecture], threads, runtime).predict(x)
    probed = Interpreter(add_probes(networks[architecture]), threads, runtime)
    for _ in range(2):
        np.testing.assert_array_equal(probed.predict(x), expected)


def test_every_layer_has_a_probe_and_so_has_what_lies_between(networks):
    found = layers_of(add_probes(networks[ALEXNET]))
    assert found == [
        ("", ""),
        ("conv1", "CONV_2D"),
        ("", "MAX_POOL_2D"),
        ("conv2", "CONV_2D"),
        ("", "MAX_POOL_2D"),
        *((f"conv{number}", "CONV_2D") for number in (3, 4, 5)),
        ("", "MAX_POOL_2D + RESHAPE"),
        *((f"fc{number}", "FULLY_CONNECTED") for number in (6, 7, 8)),
    ]


@pytest.mark.parametrize("architecture", SIZES, ids=lambda architecture: architecture.name)
def test_layers_run_alone_and_in_order(networks, architecture):
    """The execution plan of the runtime has one partition of XNNPACK between any two probes."""
    model = add_probes(networks[architecture])
    interpreter = Interpreter(model)
    nodes = [detail["op_name"] for detail in interpreter._interpreter._get_ops_details()]
    assert nodes.count("DELEGATE") == 2 * len(probes_of(model)) - 1


def test_layers_of_a_residual_network_take_the_time_of_the_whole():
    shape = LayerShape("", "conv", "conv2d", height=14, width=14, channels=96, outputs=96, kernel=3, stride=1)
    builder = GraphBuilder()
    x = builder.input(shape.input_shape)
    y = builder.conv2d(builder.conv2d(x, random(96, 3, 3, 96)), random(96, 3, 3, 96, seed=1))
    shortcut = builder.conv2d(x, random(96, 3, 3, 96, seed=2))
    model = builder.finish([builder.builtin("ADD", [y, shortcut], shape.input_shape, schema.AddOptionsT())])
    probed = add_probes(model)
    plain, alone, timed = Interpreter(model), Interpreter(dense_layer(shape)), Interpreter(probed, profiling=True)
    sample = [random(*shape.input_shape)]
    runs = []
    for _ in range(200):
        whole, single = time_once(plain, sample), time_once(alone, sample)
        time_once(timed, sample)
        runs.append([whole, single, *(entry["phases"]["layer"] / 1e6 for entry in entries(timed))])
    whole, single, _, *layers = np.min(runs, axis=0)  # the least disturbed ones: other work may run beside
    assert sum(layers) == pytest.approx(whole, rel=0.3)
    for layer in layers[:3]:
        assert layer == pytest.approx(single, rel=0.5)  # two layers that run as one would take twice the time, or none


def test_branches_join_the_order():
    """A convolution that could run at any time waits for the one before it in the file."""
    builder = GraphBuilder()
    x = builder.input([1, 6, 6, 4])
    first = builder.conv2d(x, random(4, 3, 3, 4))
    second = builder.conv2d(x, random(4, 3, 3, 4, seed=1))
    model = builder.finish([builder.builtin("ADD", [first, second], [1, 6, 6, 4], schema.AddOptionsT())])
    main = read_model(add_probes(model)).subgraphs[0]
    passed = [graph.text(main.tensors[index].name) for index in graph.inputs_of(main.operators[2])[:-1]]
    assert passed == [f"tensor_{first}", f"tensor_{x}{PROBED}"]
    np.testing.assert_array_equal(
        Interpreter(add_probes(model)).predict(random(1, 6, 6, 4)), Interpreter(model).predict(random(1, 6, 6, 4))
    )


def test_several_inputs_and_outputs_keep_their_names_and_signature():
    builder = GraphBuilder()
    x, y = builder.input([1, 5, 5, 3]), builder.input([1, 5, 5, 3])
    conv = builder.conv2d(x, random(3, 3, 3, 3))
    total = builder.builtin("ADD", [conv, y], [1, 5, 5, 3], schema.AddOptionsT())
    model = builder.finish([conv, total])
    inputs = [random(1, 5, 5, 3), random(1, 5, 5, 3, seed=1)]
    plain, probed = Interpreter(model), Interpreter(add_probes(model))
    for ours, theirs in zip(probed.predict(inputs), plain.predict(inputs), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert [d["name"] for d in probed.output_details] == [d["name"] for d in plain.output_details]
    assert [d["name"] for d in probed.input_details] == [d["name"] for d in plain.input_details]


def test_padding_and_activation_belong_to_the_layer():
    builder = GraphBuilder()
    x = builder.input([1, 5, 5, 3])
    padded = builder.builtin("PAD", [x, builder.constant(np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32))],
                             [1, 7, 7, 3], schema.PadOptionsT())  # fmt: skip
    conv = builder.conv2d(padded, random(3, 3, 3, 3), padding=schema.Padding.VALID)
    builder._tensors[conv].shape = [1, 5, 5, 3]
    model = builder.finish([builder.builtin("RELU6", [conv], [1, 5, 5, 3])])
    assert layers_of(add_probes(model)) == [("", ""), (f"tensor_{conv}", "CONV_2D")]
    sample = random(1, 5, 5, 3)
    np.testing.assert_array_equal(Interpreter(add_probes(model)).predict(sample), Interpreter(model).predict(sample))


def test_an_open_batch_may_be_of_any_size():
    builder = GraphBuilder()
    x = builder.input([-1, 8])
    hidden = builder.fully_connected(x, random(6, 8), -1)
    model = builder.finish([builder.fully_connected(hidden, random(4, 6, seed=1), -1)])
    for batch in (1, 5):
        sample = random(batch, 8)
        expected = Interpreter(model).predict(sample)
        np.testing.assert_allclose(Interpreter(add_probes(model)).predict(sample), expected, rtol=1e-6)


def test_layers_are_called_as_in_the_model_of_the_same_network(networks):
    dense = networks[MOBILENET_V1]
    rates = {f"block{number}": 0.5 for number in range(1, 14)} | {"fc": 0.5}
    filters = calibrated_filters(MOBILENET_V1, image(MOBILENET_V1, 0), {}, WIDTH)
    sparse = network_model(MOBILENET_V1, filters, rates, SIZE, WIDTH)
    assert layers_of(add_probes(dense, like=sparse)) == layers_of(add_probes(dense))
    anonymous = read_model(dense)
    for number, tensor in enumerate(anonymous.subgraphs[0].tensors):
        tensor.name = f"t{number}"
    from tfsparse.conversion.flatbuffer import serialize

    named = add_probes(serialize(anonymous), like=sparse)
    assert [layer for layer, operator in layers_of(named) if operator in ("CONV_2D", "FULLY_CONNECTED")] == [
        layer for layer, operator in layers_of(add_probes(dense)) if operator in ("CONV_2D", "FULLY_CONNECTED")
    ]


def test_models_whose_operators_are_timed_already_are_refused():
    shape = LayerShape("", "conv", "conv2d", height=4, width=4, channels=4, outputs=4, kernel=1, stride=1)
    with pytest.raises(InvalidArgumentError, match="TfSparseWinnerConv2D"):
        add_probes(winner_layer(shape, 0.5))
    with pytest.raises(InvalidArgumentError, match="TfSparseProbe"):
        add_probes(add_probes(dense_layer(shape)))


def test_a_model_without_layers_is_timed_as_a_whole():
    builder = GraphBuilder()
    model = builder.finish([builder.builtin("RELU", [builder.input([1, 4])], [1, 4])])
    assert layers_of(add_probes(model)) == [("", ""), ("", "RELU")]


def test_wrong_probes_are_told(networks):
    builder = GraphBuilder()
    x, y = builder.input([1, 4]), builder.tensor([1, 5])
    builder.custom(ops.Probe.NAME, [x, -1], [y], encode({"format": 1, "layer": "", "operator": ""}))
    with pytest.raises(Exception, match="changes a shape or type"):
        read_model(builder.finish([y]))
