# SPDX-License-Identifier: Apache-2.0
"""`tfsparse android` drives the app itself, which runs on this machine's JVM behind the stand-in for adb."""

from __future__ import annotations

import importlib.resources
import json
import shutil
import subprocess
from types import SimpleNamespace

import jsonschema
import numpy as np
import pytest
import referencing
from typer.testing import CliRunner

from tests.utils.phones import REPOSITORY, Phones
from tfsparse.android.adb import ADB_VARIABLE
from tfsparse.cli.main import app

ARGUMENTS = REPOSITORY / "build/android/maven/app/test-classes/app.args"
ASSETS = REPOSITORY / "build/android/assets"
RUNNER = "dev.tfsparse.bench.test/.BenchRunner"
SAMPLES = 100

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("java") is None or not ARGUMENTS.is_file(),
        reason="the app is not built for the JVM: run `make test-android`",
    ),
]


def cli(*arguments):
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A desk with a phone whose app is the real one, and models under names that the app has none of its own of."""
    folder = tmp_path_factory.mktemp("desk")
    phones = Phones(folder / "phones")
    phones.add()
    for name in ("sparse", "dense"):
        shutil.copy(ASSETS / f"models/digits_{name}.tflite", folder / f"{name}.tflite")
    digits = np.load(ASSETS / "data/digits.npz")
    np.savez(folder / "labelled.npz", x_test=(digits["x"] / 255).astype(np.float32), y_test=digits["y"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(ADB_VARIABLE, phones.adb)
        patch.setenv("TFSPARSE_APP_STAND_IN", f"java @{ARGUMENTS}")
        patch.chdir(folder)
        yield SimpleNamespace(phones=phones, folder=folder)


PAIR = (
    "sparse.tflite", "--against", "dense.tflite", "--data", "labelled.npz", "--samples", SAMPLES, "--runs", 60,
    "--warmup", 3,
)  # fmt: skip


@pytest.fixture(scope="module")
def measured(desk):
    """A pair that the phone has measured; every file that came of it."""
    done = cli("android", "bench", *PAIR, "--json", "phones.json", "--output", "home")
    assert done.exit_code == 0, done.output
    (home,) = (desk.folder / "home/phone1").iterdir()
    return SimpleNamespace(shown=done.stdout, home=home, merged=json.loads((desk.folder / "phones.json").read_text()))


@pytest.fixture(scope="module")
def at_the_desk(desk):
    """The same pair, measured by this computer's interpreter."""
    done = cli("bench", *PAIR, "--json", "desk.json")
    assert done.exit_code == 0, done.output
    return json.loads((desk.folder / "desk.json").read_text())


def load_schema(package, name):
    return json.loads((importlib.resources.files(package) / name).read_text())


def test_the_app_s_own_file_comes_home_and_both_schemas_hold(desk, measured):
    assert measured.home.read_bytes() == (desk.phones.results() / measured.home.name).read_bytes()
    result = json.loads(measured.home.read_text())
    of_results = load_schema("tfsparse.bench", "result.schema.json")
    jsonschema.Draft202012Validator(of_results).validate(result)
    registry = referencing.Registry().with_resource(
        "result.schema.json", referencing.Resource.from_contents(of_results)
    )
    of_phones = load_schema("tfsparse.android", "phones.schema.json")
    jsonschema.Draft202012Validator(of_phones, registry=registry).validate(measured.merged)
    (phone,) = measured.merged["phones"]
    assert (phone["status"], phone["result"]) == ("ok", result)


def test_every_setting_reached_the_app(measured):
    (phone,) = measured.merged["phones"]
    result = phone["result"]
    assert result["runtime"] == "org.tensorflow.lite"
    assert result["machine"]["system"].startswith("Android")
    assert (result["threads"], result["input"]) == (1, "labelled.20x20x1.npz")
    for side, delegate in (("sparse", "tfsparse"), ("dense", "xnnpack")):
        told = result[side]
        assert (told["model"], told["delegate"]) == (f"{side}.tflite", delegate)
        assert (told["latency_ms"]["runs"], told["accuracy"]["samples"]) == (60, SAMPLES)


def test_phone_and_desk_agree_on_what_both_count(measured, at_the_desk):
    result = measured.merged["phones"][0]["result"]
    for side in ("sparse", "dense"):
        for key in ("model", "bytes", "macs", "winner_rates", "accuracy"):
            assert result[side][key] == at_the_desk[side][key], (side, key)
        layers = [[entry["layer"] for entry in told[side]["operators"]] for told in (result, at_the_desk)]
        assert layers[0] == layers[1]


def test_the_table_has_the_phone_s_figures(measured):
    result = measured.merged["phones"][0]["result"]
    row = next(line for line in measured.shown.splitlines() if line.startswith("phone1"))
    for side in ("sparse", "dense"):
        assert f"{result[side]['latency_ms']['median']:.3f} ms" in row
    assert f"{result['speedup']['value']:.2f}x" in row
    assert f"{result['sparse']['accuracy']['correct'] / SAMPLES:.2%}" in row


def test_layers_are_shown_sparse_beside_dense(desk, measured):
    done = cli("bench", "show", measured.home, "--sparse", "sparse.tflite", "--plot", "layers.svg")
    assert done.exit_code == 0, done.output
    table = done.output.partition("Layers, median")[2].splitlines()
    layers = {line.split()[0]: line for line in table[2:] if "█" in line}
    assert set(layers) == {"conv2", "conv3", "conv4", "logits"}
    assert all("%" in line for line in layers.values())
    assert (desk.folder / "layers.svg").is_file()


def test_compare_sets_it_beside_the_desk_s_own(desk, measured, at_the_desk):
    done = cli("compare", "desk.json", "home")
    assert done.exit_code == 0, done.output
    assert all(name in done.output for name in ("sparse", "dense", "speed-up"))
    assert "runtime differs: ai_edge_litert and org.tensorflow.lite" in done.output


def test_a_model_that_the_app_cannot_run_is_said_in_its_words(desk):
    content = (desk.folder / "sparse.tflite").read_bytes()
    (desk.folder / "strange.tflite").write_bytes(content.replace(b"TfSparseWinnerConv2D", b"TfSparseWinnerConv9D"))
    done = cli("android", "bench", "strange.tflite", "--json", "failed.json")
    assert done.exit_code == 1
    error = json.loads((desk.folder / "failed.json").read_text())["phones"][0]["error"]
    assert "strange.tflite cannot run with the delegate tfsparse." in done.output
    assert "unresolved custom op: TfSparseWinnerConv9D" in done.output
    assert ".." not in done.output
    assert "strange.tflite" in error["problem"]


def test_a_wrong_extra_is_said_in_the_app_s_words(desk):
    done = cli("android", "bench", "sparse.tflite", "--isa", "sse")
    assert done.exit_code == 1
    assert "The setting isa has a wrong value. Expected: one of auto, portable, neon" in done.output
    assert "Received: sse." in done.output


def test_instrumentation_measures_and_its_result_is_pulled(desk):
    """As a device farm starts it, without a model: then it measures those that the app brings along."""
    command = f"am instrument -w -e request farm -e runs 7 -e clearPackageData true {RUNNER}"
    done = subprocess.run([desk.phones.adb, "-s", "phone1", "shell", command], capture_output=True, check=True)
    line = json.loads(done.stdout)
    assert (line["request"], line["status"]) == ("farm", "ok")
    assert "farm.json" in cli("android", "pull", "--output", "farm").output
    result = json.loads((desk.folder / "farm/phone1/farm.json").read_text())
    assert (result["sparse"]["model"], result["sparse"]["latency_ms"]["runs"]) == ("digits_sparse.tflite", 7)
    assert result["speedup"]["value"] == line["speedup"]
