# SPDX-License-Identifier: Apache-2.0
"""`tfsparse android` finds phones, brings files, measures, fetches, and fails in words that help."""

from __future__ import annotations

import importlib.resources
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import jsonschema
import numpy as np
import pytest
import referencing

from tests.utils.graph_builder import GraphBuilder
from tests.utils.phones import REPOSITORY, Phones
from tfsparse.android.adb import ADB_VARIABLE


@pytest.fixture
def phones(tmp_path, monkeypatch):
    """A desk without phones yet, in a folder of its own."""
    desk = Phones(tmp_path / "desk")
    monkeypatch.setenv(ADB_VARIABLE, desk.adb)
    monkeypatch.delenv("ANDROID_SERIAL", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return desk


def schema_of_phones():
    def load(package, name):
        return json.loads((importlib.resources.files(package) / name).read_text())

    schema = load("tfsparse.android", "phones.schema.json")
    contents = load("tfsparse.bench", "result.schema.json")
    registry = referencing.Registry().with_resource("result.schema.json", referencing.Resource.from_contents(contents))
    return jsonschema.Draft202012Validator(schema, registry=registry)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(schema_of_phones().schema)


def test_devices_are_listed(cli, phones):
    phones.add("one")
    phones.add("two", app=None, state="unauthorized")
    lines = {line.split()[0]: line for line in cli("android", "devices").output.splitlines()}
    assert all(text in lines["one"] for text in ("Maker Phone 1", "SoC9", "14 (API 34)", "arm64-v8a", "85 %", "0.1.0"))
    assert "unauthorized" in lines["two"]
    stored = json.loads(cli("android", "devices", "--json", "-").stdout)
    assert [phone["state"] for phone in stored["phones"]] == ["device", "unauthorized"]


def test_a_phone_that_does_not_answer_does_not_hide_the_others(cli, phones):
    for serial in ("one", "two"):
        phones.add(serial)
    phones.fault("one", {"match": "shell", "do": "fail", "text": "error: closed", "times": 99})
    done = cli("android", "devices")
    assert done.exit_code == 0
    assert "does not answer" in done.output
    assert "SoC9" in done.output


def test_no_phone_is_no_error_for_a_list(cli, phones):
    assert "No phone" in cli("android", "devices").output


def test_no_adb_is_said(cli, phones, monkeypatch):
    done = cli("android", "devices", "--adb", "no-such-adb")
    assert done.exit_code == 2
    assert "apt install adb" in done.stderr


def test_files_are_pushed_once(cli, phones, sparse_file, dense_file, tmp_path):
    phones.add()
    data = tmp_path / "data.npz"
    np.savez(data, x_test=np.ones((4, 6, 6, 8), np.float32), y_test=np.arange(4))
    arguments = "android", "push", sparse_file, dense_file, "--data", data, "--samples", 2, "--layers"
    first, second = cli(*arguments).output, cli(*arguments).output
    assert (first.count("pushed"), second.count("was there")) == (4, 4)
    folder = phones.root() / "data/local/tmp/tfsparse"
    assert (folder / "models/sparse.tflite").read_bytes() == sparse_file.read_bytes()
    assert (folder / "models/dense.layers.tflite").exists()
    assert np.load(folder / "data/data.6x6x8.npz")["y"].tolist() == [0, 1]


def test_which_phone_is_asked_for(cli, phones, sparse_file):
    for serial in ("one", "two"):
        phones.add(serial)
    done = cli("android", "push", sparse_file)
    assert done.exit_code == 2
    assert "--serial" in done.stderr
    assert cli("android", "push", sparse_file, "--serial", "one").exit_code == 0
    assert not (phones.root("two") / "data/local/tmp/tfsparse").exists()
    phones.add("three", state="unauthorized")
    done = cli("android", "push", sparse_file, "--all")
    assert done.stdout.count("sparse.tflite") == 2
    assert "three is left out: unauthorized" in done.stderr


def test_a_phone_that_fails_does_not_keep_files_or_results_from_the_others(cli, phones, sparse_file):
    for serial in ("bad", "good"):
        phones.add(serial)
        phones.results(serial).mkdir()
        (phones.results(serial) / "a.json").write_text("A")
    fault = {"do": "fail", "text": "adb: error: No space left on device"}
    phones.fault("bad", {"match": "push", **fault}, {"match": "pull", **fault})
    for arguments in (("push", sparse_file), ("pull",)):
        done = cli("android", *arguments, "--all")
        assert done.exit_code == 2
        assert "Phone bad has no space left" in done.stderr
        assert "good" in done.stdout
        assert "bad" not in done.stdout
    assert (phones.root("good") / "data/local/tmp/tfsparse/models/sparse.tflite").exists()


def test_all_phones_and_some_are_not_both_meant(cli, phones):
    phones.add()
    done = cli("android", "pull", "--all", "--serial", "phone1")
    assert done.exit_code == 2
    assert "--all" in done.stderr


def test_what_could_not_be_kept_is_not_measured(cli, phones, sparse_file, tmp_path):
    phones.add()
    (tmp_path / "file").write_text("x")
    done = cli("android", "bench", sparse_file, "--output", tmp_path / "file")
    assert done.exit_code == 2
    assert f"{tmp_path / 'file'} cannot be used. Received: File exists." in done.stderr
    assert not any("am start" in call[-1] for call in phones.calls())
    assert cli("android", "bench", sparse_file, "--apk", "none.apk").exit_code == 2


def bench(cli, sparse_file, dense_file, *more):
    return cli("android", "bench", sparse_file, "--against", dense_file, "--runs", 20, "--warmup", 1, *more)


def test_phones_are_measured_side_by_side(cli, phones, sparse_file, dense_file, tmp_path):
    for serial in ("one", "two"):
        phones.add(serial)
    path = tmp_path / "phones.json"
    done = bench(cli, sparse_file, dense_file, "--all", "--json", path, "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    stored = json.loads(path.read_text())
    schema_of_phones().validate(stored)
    assert [phone["status"] for phone in stored["phones"]] == ["ok", "ok"]
    assert stored["settings"]["runs"] == 20
    for phone in stored["phones"]:
        (kept,) = (tmp_path / "out" / phone["serial"]).iterdir()
        assert json.loads(kept.read_text()) == phone["result"]
    assert done.stdout.count("sparse.tflite") == 2
    assert all(f"{serial}: " in done.stderr for serial in ("one", "two"))
    compared = cli("compare", *(next((tmp_path / "out" / serial).iterdir()) for serial in ("one", "two")))
    assert compared.exit_code == 0
    assert "speed-up" in compared.output


def test_accuracy_comes_from_the_phone(cli, phones, tmp_path):
    phones.add()
    builder = GraphBuilder()
    weights = np.zeros((8, 8), np.float32)
    weights[3] = 1
    model, data = tmp_path / "classifier.tflite", tmp_path / "data.npz"
    model.write_bytes(builder.finish([builder.fully_connected(builder.input([1, 8]), weights, rows=1)]))
    np.savez(data, x_test=np.ones((4, 8), np.float32), y_test=np.array([3, 1, 3, 0]))
    done = cli("android", "bench", model, "--data", data, "--runs", 2, "--sparse-delegate", "xnnpack", "--cool")
    assert "50.00%" in done.output
    extras = json.loads((phones.folder / "phones/phone1/extras.json").read_text())
    assert (extras["data"], extras["cool"], extras["sparse_delegate"]) == ("data.8.npz", "true", "xnnpack")
    assert "dense" not in extras


def test_one_phone_that_fails_leaves_the_other_and_is_exit_code_1(cli, phones, sparse_file, dense_file, tmp_path):
    phones.add("good")
    phones.add("bad", app=None)
    path = tmp_path / "phones.json"
    done = bench(cli, sparse_file, dense_file, "--all", "--json", path)
    assert done.exit_code == 1
    assert "not installed" in done.output
    stored = json.loads(path.read_text())
    schema_of_phones().validate(stored)
    assert {phone["serial"]: phone["status"] for phone in stored["phones"]} == {"bad": "failed", "good": "ok"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "SPARSE"),
        (["--native", "--data", "x.npz"], "--data"),
        (["model.tflite", "--rounds", "3"], "--rounds"),
        (["model.tflite", "--network", "resnet18"], "--network"),
        (["model.tflite", "--samples", "3"], "--samples"),
        (["model.tflite", "--against", "other/model.tflite"], "same name"),
        (["model.tflite", "--native"], "SPARSE"),
    ],
)
def test_options_that_do_nothing_are_refused(cli, phones, arguments, message):
    phones.add()
    done = cli("android", "bench", *arguments)
    assert done.exit_code == 2
    assert message in done.stderr


def test_the_kernels_alone_are_measured_on_arm(cli, phones, tmp_path):
    program = REPOSITORY / "build/android/native/arm64-v8a/tfsparse_bench"
    if not program.is_file() or shutil.which("qemu-aarch64-static") is None:
        pytest.skip("no kernel benchmark for 64-bit Arm: run `make android-native`, and install qemu-user-static")
    phones.add()
    path = tmp_path / "phones.json"
    options = (
        "--network",
        "mobilenet_v1",
        "--winner-rates",
        "0.5",
        "--runs",
        1,
        "--warmup",
        0,
        "--bench-binary",
        program,
    )
    done = cli("android", "bench", "--native", *options, "--json", path)
    assert done.exit_code == 0, done.output
    stored = json.loads(path.read_text())
    schema_of_phones().validate(stored)
    (phone,) = stored["phones"]
    assert phone["result"]["isa"] == "neon"
    assert f"{len(phone['result']['layers'])} layers at 0.5" in done.output


def test_litert_s_own_benchmark_is_driven(cli, phones, sparse_file, dense_file, tmp_path):
    phones.add()
    program, library, path = tmp_path / "benchmark_model", tmp_path / "libtfsparse_jni.so", tmp_path / "phones.json"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {REPOSITORY}/tests/utils/stock_stand_in.py "$@"\n')
    library.write_bytes(b"ELF")
    options = "--benchmark-model", program, "--delegate-library", library, "--rounds", 1
    assert bench(cli, sparse_file, dense_file, *options, "--json", path).exit_code == 0
    stored = json.loads(path.read_text())
    schema_of_phones().validate(stored)
    assert stored["kind"] == "benchmark_model"
    assert stored["settings"]["rounds"] == 1


def test_results_are_pulled_and_removed(cli, phones, sparse_file, dense_file):
    phones.add()
    assert bench(cli, sparse_file, dense_file).exit_code == 0
    assert "here already" in cli("android", "pull").output
    again = cli("android", "pull", "--output", "other", "--remove").output
    assert "fetched" in again
    assert "deleted" in again
    assert "no results" in cli("android", "pull").output


def test_interrupting_stops_the_phone_and_leaves_the_rest(phones, sparse_file, tmp_path):
    """A real Ctrl-C, in a process of its own."""
    phones.add()
    app = tmp_path / "app.sh"
    app.write_text(f"#!/bin/sh\ntouch {tmp_path}/began\nsleep 300\n")
    app.chmod(0o755)
    output = tmp_path / "phones.json"
    output.write_text("old")
    command = [sys.executable, "-m", "tfsparse.cli.main", "android", "bench", str(sparse_file), "--json", str(output)]
    environment = {**os.environ, "TFSPARSE_APP_STAND_IN": str(app)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not (tmp_path / "began").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    shown, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupted" in errors
    assert not (phones.folder / "phones/phone1/process").exists()
    assert "cancelled" in shown
    assert output.read_text() == "old"
