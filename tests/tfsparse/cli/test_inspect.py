# SPDX-License-Identifier: Apache-2.0
"""`tfsparse inspect` shows what is in a file, and stands anything that a file may hold."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tfsparse.bench.models.layers import LayerShape, winner_layer
from tfsparse.conversion.flatbuffer import read_model, serialize

MODEL = winner_layer(
    LayerShape("test", "conv", "conv2d", height=4, width=4, channels=4, outputs=4, kernel=1, stride=1), 0.5
)
byte_changes = st.lists(st.tuples(st.integers(0, len(MODEL) - 1), st.integers(0, 255)), min_size=1, max_size=8)


def test_operators_winner_rates_and_macs_are_shown(cli, sparse_file):
    output = cli("inspect", sparse_file).output
    assert "TfSparseSelectWinners" in output
    assert "TfSparseWinnerConv2D" in output
    assert "Winner rate of conv: 0.250" in output
    assert "(25%)" in output
    assert "filter" not in output


def test_kernels_of_the_machine_and_of_each_operator_are_shown(cli, sparse_file):
    output = cli("inspect", sparse_file, "--kernels").output
    assert "portable" in output
    assert "TfSparseWinnerConv2D" in output
    assert "direct" in output or "winograd" in output


def test_kernels_need_no_model(cli):
    stored = json.loads(cli("inspect", "--kernels", "--json", "-").stdout)
    assert stored["chosen"] == []
    assert {kernel["isa"] for kernel in stored["available"] if kernel["usable"]} >= {"portable", stored["isa"]}


def test_a_model_is_needed_without_kernels(cli):
    result = cli("inspect")
    assert result.exit_code == 2
    assert "MODEL" in result.output


def test_tensors_are_shown_when_asked_for(cli, sparse_file):
    output = cli("inspect", sparse_file, "--tensors").output
    assert "filter" in output
    assert "[8, 3, 3, 8]" in output


def test_json_replaces_the_table_on_standard_output(cli, sparse_file):
    stored = json.loads(cli("inspect", sparse_file, "--json", "-").stdout)
    assert [operator["name"] for operator in stored["operators"]] == ["TfSparseSelectWinners", "TfSparseWinnerConv2D"]


def test_json_goes_beside_the_table_into_a_file(cli, sparse_file, tmp_path):
    result = cli("inspect", sparse_file, "--json", tmp_path / "model.json")
    assert "Winner rate" in result.stdout
    assert json.loads((tmp_path / "model.json").read_text())["winner_rates"] == {"conv": 0.25}


def test_names_are_never_read_as_markup(cli, tmp_path):
    tree = read_model(MODEL)
    tree.subgraphs[0].tensors[3].name = "[/bold] [red]:smile: \x1b[31m"
    path = tmp_path / "model.tflite"
    path.write_bytes(serialize(tree))
    result = cli("inspect", path, "--tensors")
    assert result.exit_code == 0
    assert "[/bold] [red]:smile:" in result.output


def test_a_file_that_cannot_be_written_is_reported(cli, sparse_file, tmp_path):
    result = cli("inspect", sparse_file, "--json", tmp_path / "none" / "model.json")
    assert result.exit_code == 2
    assert "could not be written" in result.stderr


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(byte_changes, st.integers(0, len(MODEL)))
def test_damaged_files_are_shown_or_refused(cli, changes, length):
    content = bytearray(MODEL)
    for position, value in changes:
        content[position] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.tflite"
        path.write_bytes(content if length % 4 else content[:length])
        result = cli("inspect", path, "--tensors")
    assert result.exit_code in (0, 2), result.stderr
    assert (result.exit_code == 2) == result.stderr.startswith("Error: ")
