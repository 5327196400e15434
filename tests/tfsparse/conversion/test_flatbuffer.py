# SPDX-License-Identifier: Apache-2.0
"""Reading, writing, and what is refused."""

from __future__ import annotations

import struct
import time

import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from tests.utils.graph_builder import GraphBuilder, random, run
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.errors import ConversionError, ModelFormatError


@pytest.fixture(scope="module")
def content() -> bytes:
    builder = GraphBuilder()
    y = builder.conv2d(builder.mask(builder.input([1, 5, 5, 8]), 3), random(4, 3, 3, 8))
    return builder.finish([builder.fully_connected(builder.reshape(y, [1, 100]), random(7, 100), 1)])


def test_reads_from_a_path_and_from_bytes(content, tmp_path):
    (tmp_path / "model.tflite").write_bytes(content)
    assert serialize(read_model(tmp_path / "model.tflite")) == serialize(read_model(content))
    assert serialize(read_model(str(tmp_path / "model.tflite"))) == serialize(read_model(bytearray(content)))


def test_writing_keeps_what_the_model_computes(content):
    model = read_model(content)
    np.testing.assert_array_equal(run(read_model(serialize(model))), run(model))


def test_writing_leaves_the_model_as_it_is(content):
    model = read_model(content)
    assert serialize(model) == serialize(model)


def test_constants_are_aligned_to_cache_lines(content):
    root = schema.Model.GetRootAs(serialize(read_model(content)), 0)
    tables = [root.Buffers(index)._tab for index in range(root.BuffersLength())]
    starts = [table.Vector(table.Offset(4)) for table in tables if table.Offset(4)]
    assert len(starts) >= 4
    assert [start % 64 for start in starts] == [0] * len(starts)


def test_the_file_carries_its_identifier(content):
    assert serialize(read_model(content))[4:8] == b"TFL3"


def test_weights_beyond_two_gigabytes_are_refused():
    class Huge:
        def __len__(self):
            return 2**31

    model = schema.ModelT(buffers=[schema.BufferT(data=Huge())])
    with pytest.raises(ConversionError, match=r"too large.*less than 2 GiB"):
        serialize(model)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ModelFormatError, match=r"none.tflite cannot be read.*No such file"):
        read_model(tmp_path / "none.tflite")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(ModelFormatError, match="cannot be read"):
        read_model(tmp_path)


@pytest.mark.parametrize("wrong", [b"", b"TFL3", b"\x89PNG\r\n\x1a\n" * 9, bytes(1000)])
def test_another_format_is_refused(wrong):
    with pytest.raises(ModelFormatError, match=r"not a .tflite model.*identifier 'TFL3'"):
        read_model(wrong)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused(content, share):
    with pytest.raises(ModelFormatError, match="damaged or truncated"):
        read_model(content[: int(len(content) * share)])


def test_the_error_names_the_file(content, tmp_path):
    (tmp_path / "half.tflite").write_bytes(content[: len(content) // 2])
    with pytest.raises(ModelFormatError, match=r"half\.tflite is damaged"):
        read_model(tmp_path / "half.tflite")


def vector_bomb() -> bytes:
    """A million subgraphs that are all one and the same large subgraph."""
    builder = GraphBuilder()
    data = bytearray(builder.finish([builder.conv2d(builder.input([1, 5, 5, 8]), random(4, 3, 3, 8))]))
    root = schema.Model.GetRootAs(bytes(data), 0)
    subgraph = root.Subgraphs(0)._tab.Pos
    field = root._tab.Pos + root._tab.Offset(8)
    start = len(data) + (-len(data)) % 4
    data += bytes(start - len(data)) + struct.pack("<I", 1_000_000)
    struct.pack_into("<I", data, field, start - field)
    for index in range(1_000_000):  # offsets are unsigned: they wrap around in no reader, so point behind instead
        data += struct.pack("<I", (subgraph - (start + 4 + 4 * index)) % 2**32)
    return bytes(data)


def test_a_vector_of_wrong_offsets_is_refused_quickly():
    started = time.monotonic()
    with pytest.raises(ModelFormatError, match="damaged"):
        read_model(vector_bomb())
    assert time.monotonic() - started < 20


def test_parts_that_overlap_are_refused():
    """Each of many operators points to the one long list of inputs."""
    builder = GraphBuilder()
    x = builder.input([1, 2])
    for _ in range(400):
        x = builder.builtin("RELU", [x], [1, 2])
    data = bytearray(builder.finish([x]))
    main = schema.Model.GetRootAs(bytes(data), 0).Subgraphs(0)
    size = 40_000
    start = len(data) + (-len(data)) % 4
    data += bytes(start - len(data)) + struct.pack("<I", size) + bytes(4 * size)
    for index in range(main.OperatorsLength()):
        table = main.Operators(index)._tab
        position = table.Pos + table.Offset(6)
        struct.pack_into("<I", data, position, start - position)
    with pytest.raises(ModelFormatError, match="parts that overlap"):
        read_model(bytes(data))


def test_a_string_without_end_is_refused(content):
    data = bytearray(content)
    table = schema.Model.GetRootAs(content, 0).Subgraphs(0).Tensors(0)._tab
    name = table.Indirect(table.Pos + table.Offset(10))
    struct.pack_into("<I", data, name, len(data) - name - 4)
    with pytest.raises(ModelFormatError, match="a string that runs past the end"):
        read_model(bytes(data))
