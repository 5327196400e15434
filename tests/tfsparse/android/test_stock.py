# SPDX-License-Identifier: Apache-2.0
"""LiteRT's own benchmark is driven by turns, and what it prints is read in the words of each of its versions."""

from __future__ import annotations

import dataclasses
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utils.phones import REPOSITORY
from tfsparse.android import layout
from tfsparse.android.deadline import Deadline
from tfsparse.android.push import Parcel, pack
from tfsparse.android.stock_job import LIBRARY, PROGRAM, StockJob
from tfsparse.android.stock_output import parse_stock
from tfsparse.bench.models.layers import LayerShape, dense_layer, winner_layer
from tfsparse.errors import InvalidArgumentError, PhoneError, PhoneLostError

SHAPE = LayerShape("test", "conv", "conv2d", height=6, width=6, channels=8, outputs=8, kernel=3, stride=1)

OLD = """STARTING!
Loaded model /data/local/tmp/m.tflite
The input model file size (MB): 6.35428
Initialized session in 34.939ms.
Running benchmark for at least 1 iterations and at least 0.5 seconds but terminate if exceeding 150 seconds.
count=5 first=130492 curr=111222 min=111222 max=130492 avg=116523 std=7192
Running benchmark for at least 50 iterations and at least 1 seconds but terminate if exceeding 150 seconds.
count=50 first=112256 curr=111087 min=110425 max=114213 avg=112533 std=778
Inference timings in us: Init: 34939, First inference: 130492, Warmup (avg): 116523, Inference (avg): 112533
"""
NEW = """INFO: count=1 curr=235158
INFO: count=25 first=187533 curr=140990 min=140071 max=195121 avg=1.45e+05 std=13583 p5=140545 median=141253 p95=187533
INFO: Inference timings in us: Init: 92318, First inference: 235158, Warmup (avg): 211669, Inference (avg): 1.45528e+05
INFO: Memory footprint delta from the start of the tool (MB): init=54.2852 overall=73.4102
"""


def test_old_versions_print_means_alone():
    times = parse_stock(OLD, "m")
    assert (times.runs, times.avg_ms, times.median_ms) == (50, 112.533, None)
    assert times.typical_ms == 112.533
    assert (times.init_ms, times.first_ms) == (34.939, 130.492)


def test_new_versions_print_medians_and_exponents():
    times = parse_stock(NEW, "m")
    assert (times.runs, times.avg_ms, times.median_ms) == (25, 145.528, 141.253)
    assert times.typical_ms == 141.253


def test_equal_times_are_counted_too():
    timings = "Inference timings in us: Init: 1, First inference: 40, Warmup (avg): 40, Inference (avg): 40"
    text = f"count=7 curr=40(all same)\n{timings}"
    assert parse_stock(text, "m").runs == 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ERROR: Failed to apply",
        OLD.replace("count", "nothing"),
        OLD.replace("112533\n", ".\n"),
        OLD.replace("112533\n", "0\n"),
        OLD.replace("112533\n", "1e999\n"),
    ],
)
def test_no_times_are_an_error(text):
    with pytest.raises(PhoneError, match="benchmark_model"):
        parse_stock(text, "m.tflite")


@given(st.text(alphabet="count=. Inferctmgsu:,0123456789e\n()avgWrp", max_size=80))
def test_any_text_is_read_or_refused(text):
    with pytest.raises(PhoneError):
        parse_stock(text, "m.tflite")


@pytest.fixture
def job(tmp_path):
    """Two rounds of the stand-in for LiteRT's program on two small models."""
    (tmp_path / "sparse.tflite").write_bytes(winner_layer(SHAPE, 0.25))
    (tmp_path / "dense.tflite").write_bytes(dense_layer(SHAPE))
    (tmp_path / LIBRARY).write_bytes(b"\x7fELF")
    stand_in = REPOSITORY / "tests/utils/stock_stand_in.py"
    program = f"#!/bin/sh\nPYTHONPATH='{REPOSITORY}' exec {sys.executable} {stand_in} \"$@\"\n".encode()
    parcel = Parcel(program, f"{layout.PROGRAMS}/{PROGRAM}", executable=True)
    return StockJob(
        "sparse.tflite", "dense.tflite", [parcel, *pack([tmp_path / "sparse.tflite", tmp_path / "dense.tflite"])],
        {"phone1": "request"}, rounds=2, runs=5, warmup=1, threads=1, isa="auto", library=tmp_path / LIBRARY,
    )  # fmt: skip


def quiet(_):
    pass


def test_both_models_run_by_turns_and_the_sparse_one_takes_the_library(phone, phones, job):
    measurement = job.measure(phone, 1, Deadline(120), quiet)
    sparse, dense = measurement.result["sparse"], measurement.result["dense"]
    assert [len(side["rounds"]) for side in (sparse, dense)] == [2, 2]
    assert all(call["runs"] == 5 for side in (sparse, dense) for call in side["rounds"])
    (line,) = measurement.lines
    assert line.low <= line.speedup <= line.high
    calls = [call[3] for call in phones.calls() if "--graph=" in call[-1]]
    assert [call.split("/models/")[1].split(".")[0] for call in calls] == ["sparse", "dense", "dense", "sparse"]
    assert ["external_delegate_path" in call for call in calls] == [True, False, False, True]
    assert "'--external_delegate_options=num_threads:1;isa:auto'" in calls[0]


def test_what_a_loss_left_at_work_is_ended_first(phone, phones, job):
    job.measure(phone, 2, Deadline(120), quiet)
    words = [call[-1] for call in phones.calls()]
    ended = next(at for at, text in enumerate(words) if "pkill benchmark_model" in text)
    assert ended < next(at for at, text in enumerate(words) if "--graph=" in text)


def test_a_program_that_fails_is_named(phone, phones, job):
    phones.fault("phone1", {"match": "graph=.*sparse", "do": "garbage"})
    with pytest.raises(PhoneLostError):
        job.measure(phone, 1, Deadline(120), quiet)
    broken = [parcel for parcel in job.parcels if parcel.name != PROGRAM]
    script = Parcel(b"#!/bin/sh\necho 'ERROR: Benchmarking failed.'; exit 1\n", job.parcels[0].remote, executable=True)
    with pytest.raises(PhoneError, match=r"failed on phone phone1 with sparse.tflite.*Benchmarking failed"):
        dataclasses.replace(job, parcels=[script, *broken]).measure(phone, 1, Deadline(60), quiet)


def test_a_library_that_was_not_built_is_asked_for(phone, job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        InvalidArgumentError, match=r"no libtfsparse_jni.so for phone phone1.*arm64-v8a.*--delegate-library"
    ):
        dataclasses.replace(job, library=None).measure(phone, 1, Deadline(60), quiet)
