# SPDX-License-Identifier: Apache-2.0
"""The static kernel benchmark of `make android-native`, run on this computer and on emulated Arm processors."""

from __future__ import annotations

import json
import pathlib
import shutil
import subprocess

import pytest

import tfsparse

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
CONV = "net,conv,conv2d,6,6,16,8,3,2"
DENSE = "net,fc,fully_connected,1,1,32,8,1,1"
EMULATORS = {"x86_64": [], "arm64-v8a": ["qemu-aarch64-static"], "armeabi-v7a": ["qemu-arm-static"]}


@pytest.fixture(params=EMULATORS)
def command(request: pytest.FixtureRequest) -> list[str]:
    program = REPOSITORY / "build" / "android" / "native" / request.param / "tfsparse_bench"
    emulator = EMULATORS[request.param]
    if not program.is_file() or any(shutil.which(name) is None for name in emulator):
        pytest.skip(f"there is no {program} or no emulator for it: make android-native")
    return [*emulator, str(program)]


def run(command: list[str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*command, *arguments], input=stdin, capture_output=True, text=True, check=False, timeout=120)


def test_times_layers_dense_and_at_each_winner_rate(command: list[str]) -> None:
    result = run(command, "--layer", CONV, f"--layer={DENSE}", "--winner-rates", "0.25,1", "--runs", "3", "--warmup=1")
    assert result.returncode == 0, result.stderr
    document = json.loads(result.stdout)
    assert document["schema"] == "tfsparse-kernel-bench"
    assert (document["schema_version"], document["version"]) == (1, tfsparse.__version__)
    assert (document["threads"], document["runs"], document["warmup"]) == (1, 3, 1)
    assert document["cores"] >= len(document["affinity"]) >= 1
    conv, dense = document["layers"]
    assert (conv["layer"], conv["operator"], dense["operator"]) == ("conv", "conv2d", "fully_connected")
    assert conv["dense"]["macs"] == 3 * 3 * 8 * 9 * 16
    assert [(s["winner_rate"], s["winners"], s["macs"]) for s in dense["sparse"]] == [(0.25, 8, 64), (1.0, 32, 256)]
    for times in [conv["dense"]["ms"], *(s[key] for s in conv["sparse"] for key in ("ms", "ranking_ms"))]:
        assert 0 <= times["min"] <= times["median"] <= times["max"]
    first = dense["sparse"][0]
    assert first["speedup"] == pytest.approx(dense["dense"]["ms"]["median"] / first["ms"]["median"], rel=1e-3)


def test_reads_the_layers_of_a_network_from_a_file(command: list[str]) -> None:
    shapes = (REPOSITORY / "tfsparse" / "bench" / "models" / "layer_shapes.csv").read_text(encoding="utf-8")
    header, *_ = lines = shapes.splitlines()
    layers = [line for line in lines if line.startswith("mobilenet_v1,pointwise12,")]
    text = "\n".join([header, *layers, CONV])
    result = run(command, "--layers", "-", "--network", "mobilenet_v1", "--runs=1", "--warmup=0", stdin=text)
    assert [layer["layer"] for layer in json.loads(result.stdout)["layers"]] == ["pointwise12"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "No layer to time"),
        (["--runs"], "Option --runs has no value"),
        (["--runs", "0", "--layer", CONV], "Option --runs must be an integer from 1 to 100000"),
        (["--winner-rates", "0.5,2", "--layer", CONV], "Option --winner-rates must be numbers in (0, 1]"),
        (["--layer", "net,conv,conv2d,6,6"], "it has 5 columns"),
        (["--layer", "net,conv,conv2d,6,6,8,8,3,1,"], "it has 10 columns"),
        (["--layer", "net,conv,conv2d,6,6,16,8,3,0"], '"0" is no number from 1 to 65536'),
        (["--layer", "net,conv,conv2d,60000,60000,9,9,1,1"], "it takes more than a gibibyte"),
        (["--layers", "/there/is/none.csv"], "Cannot read the file of layers"),
        (["--isa", "mmx", "--layer", CONV], "Unknown value of the instruction set"),
        (["--speed", "9"], 'Unknown option "--speed"'),
    ],
)
def test_refuses_bad_arguments_in_one_line(command: list[str], arguments: list[str], message: str) -> None:
    result = run(command, *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
