# SPDX-License-Identifier: Apache-2.0
"""Option maps of the winner operators."""

from __future__ import annotations

import contextlib
import dataclasses

import numpy as np
import pytest
from flatbuffers import flexbuffers
from hypothesis import given
from hypothesis import strategies as st

from tests.utils.graph_builder import GraphBuilder, random
from tests.utils.tflite_builder import encode, options_of
from tfsparse import ops
from tfsparse.conversion import op_codec
from tfsparse.conversion.flatbuffer import read_model
from tfsparse.errors import ModelFormatError

counts = st.integers(1, 2**31 - 1)
units = st.sampled_from(["channel", "neuron"])
activations = st.sampled_from(["none", "relu", "relu6", "relu_n1_to_1"])
paddings = st.sampled_from(["same", "valid"])
names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
OPTIONS = st.one_of(
    st.builds(ops.SelectWinners, names, counts, st.floats(2**-20, 1), st.sampled_from(["max", "mean"]), units),
    st.builds(ops.MaskWinners, names, units),
    st.builds(ops.WinnerConv2D, names, counts, counts, counts, counts, paddings, activations),
    st.builds(ops.WinnerFullyConnected, names, counts, activations, st.booleans(), st.booleans()),
    st.builds(ops.WinnerDepthwiseConv2D, names, counts, counts, counts, counts, paddings, activations),
    st.builds(ops.WinnerSeparableConv2D, names, counts, counts, counts, counts, paddings, activations, activations),
    st.builds(ops.Probe, names, names),
)
SELECT = ops.SelectWinners("wta", 4, 0.5, "max", "channel")


@given(OPTIONS)
def test_decoding_gives_back_what_was_encoded(options):
    assert op_codec.decode_options(options.NAME, op_codec.encode_options(options)) == options


@given(OPTIONS)
def test_the_map_has_exactly_the_keys_of_the_contract(options):
    decoded = flexbuffers.Loads(bytearray(op_codec.encode_options(options).tobytes()))
    assert tuple(sorted(decoded)) == ops.option_keys(type(options))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("winners", 0, "at least 1"),
        ("winners", -3, "at least 1"),
        ("winners", 2**40, "at least 1"),
        ("winners", "four", "at least 1"),
        ("winners", True, "at least 1"),
        ("winner_rate", 0.0, r"number in \(0, 1\]"),
        ("winner_rate", 1.5, r"number in \(0, 1\]"),
        ("winner_rate", float("nan"), r"number in \(0, 1\]"),
        ("score", "median", "one of max, mean"),
        ("unit", 3, "one of channel, neuron"),
        ("layer", 7, "a string"),
        ("layer", [1, 2], "damaged options"),
        ("layer", None, "lacks the option 'layer'"),
        ("format", 2, r"unknown format.*newer tfsparse"),
        ("format", None, "lacks the option 'format'"),
    ],
)
def test_a_wrong_option_is_named(key, value, message):
    with pytest.raises(ModelFormatError, match=message):
        op_codec.decode_options(SELECT.NAME, encode(options_of(SELECT, **{key: value})))


@pytest.mark.parametrize("data", [None, b"", b"\0\0", bytes(100), b"\xff" * 50, bytes(flexbuffers.Dumps([1, 2]))])
def test_what_is_no_map_is_refused(data):
    with pytest.raises(ModelFormatError, match="damaged options"):
        op_codec.decode_options(SELECT.NAME, data)


def test_options_that_are_too_long_are_refused():
    with pytest.raises(ModelFormatError, match="damaged options"):
        op_codec.decode_options(SELECT.NAME, encode(options_of(SELECT, layer="x" * 70000)))


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data):
    with contextlib.suppress(ModelFormatError):
        op_codec.decode_options(SELECT.NAME, data)


def test_options_of_an_operator():
    builder = GraphBuilder()
    model = builder.model(builder.builtin("RELU", [builder.mask(builder.input([1, 4, 4, 8]), 4)], [1, 4, 4, 8]))
    found = [op_codec.options_of(operator, model) for operator in model.subgraphs[0].operators]
    assert found == [SELECT, ops.MaskWinners("wta", "channel"), None]


def test_a_missing_input_is_refused():
    builder = GraphBuilder()
    builder.winner_op(ops.MaskWinners("wta", "channel"), [builder.input([1, 4])], [builder.tensor([1, 4])])
    with pytest.raises(ModelFormatError, match=r"wrong inputs.*2 to 2 inputs"):
        builder.model(1)


def test_computed_weights_are_refused():
    builder = GraphBuilder()
    inputs = [builder.input([1, 8]), builder.input([1, 2]), builder.input([3, 8])]
    builder.winner_op(ops.WinnerFullyConnected("fc", 8, "none", False), inputs, [builder.tensor([1, 3])])
    with pytest.raises(ModelFormatError, match="weights that the file does not hold"):
        builder.model(3)


CONV = ops.WinnerConv2D("conv", 1, 1, 1, 1, "same", "none")
DENSE = ops.WinnerFullyConnected("fc", 8, "none", False)


def without_winners(options: ops.WinnerOp, *inputs: int | np.ndarray, winners: bool = False) -> bytes:
    """A file of one operator: -1 stands for an absent input, an array for a constant."""
    builder = GraphBuilder()
    shape = [1, 5, 5, 8] if isinstance(options, ops.WinnerConv2D) else [1, 8]
    first = [builder.input(shape), builder.input([1, 2], np.int32) if winners else -1]
    rest = [builder.constant(value) if isinstance(value, np.ndarray) else value for value in inputs]
    output = builder.tensor([*shape[:-1], 3])
    builder.winner_op(options, [*first, *rest], [output])
    return builder.finish([output])


@pytest.mark.parametrize(
    ("options", "weights"), [(CONV, random(3, 3, 3, 8)), (DENSE, random(3, 8))], ids=["conv2d", "fully_connected"]
)
def test_winners_may_be_absent_but_not_beside_skipped_zeros(options, weights):
    skipping = dataclasses.replace(options, skip_zeros=True)
    for allowed in (
        without_winners(options, weights),
        without_winners(skipping, weights),
        without_winners(options, weights, winners=True),
    ):
        assert read_model(allowed)
    with pytest.raises(ModelFormatError, match=r"has winners, and skips zeros too"):
        read_model(without_winners(skipping, weights, winners=True))


@pytest.mark.parametrize(
    ("options", "inputs", "message"),
    [
        (CONV, (-1,), "wrong inputs"),
        (CONV, (), "wrong inputs"),
        (CONV, (random(3, 8),), "impossible shapes"),
        (DENSE, (-1, random(3)), "wrong inputs"),
        (DENSE, (random(3, 3, 3, 8),), "impossible shapes"),
    ],
)
def test_other_inputs_may_not_be_absent_or_wrong(options, inputs, message):
    with pytest.raises(ModelFormatError, match=message):
        read_model(without_winners(options, *inputs))


def test_a_first_input_that_is_absent_is_refused():
    builder = GraphBuilder()
    output = builder.tensor([1, 3])
    builder.winner_op(DENSE, [-1, -1, builder.constant(random(3, 8))], [output])
    with pytest.raises(ModelFormatError, match="wrong inputs"):
        builder.model(output)


def test_impossible_ranks_are_refused():
    builder = GraphBuilder()
    x, output = builder.input([8]), builder.tensor([1, 4])
    builder.winner_op(SELECT, [x], [output])
    with pytest.raises(ModelFormatError, match="impossible shapes"):
        builder.model(output)


def test_a_selection_that_nothing_reads_is_refused():
    builder = GraphBuilder()
    x = builder.input([1, 8])
    builder.winner_op(SELECT, [x], [builder.tensor([1, 4], np.int32)])
    y = builder.builtin("RELU", [x], [1, 8])
    with pytest.raises(ModelFormatError, match="a result that something reads"):
        builder.model(y)
