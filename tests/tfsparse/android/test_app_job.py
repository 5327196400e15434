# SPDX-License-Identifier: Apache-2.0
"""The app is started with every setting, waited for, and its result brought home, whatever the phone does meanwhile."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.utils.results import result
from tfsparse.android.adb import Adb
from tfsparse.android.app_job import AppJob, app_line, log_lines, request_id
from tfsparse.android.push import pack
from tfsparse.android.side_by_side import measure_phones
from tfsparse.bench.models.layers import LayerShape, dense_layer, winner_layer
from tfsparse.bench.result import Correct
from tfsparse.errors import ConversionError

SHAPE = LayerShape("test", "conv", "conv2d", height=6, width=6, channels=8, outputs=8, kernel=3, stride=1)
EXTRAS = {"sparse": "it's sparse $(x).tflite", "dense": "dense.tflite", "threads": "1", "runs": "25", "warmup": "1"}


@pytest.fixture
def models(tmp_path):
    sparse, dense = tmp_path / EXTRAS["sparse"], tmp_path / EXTRAS["dense"]
    sparse.write_bytes(winner_layer(SHAPE, 0.25))
    dense.write_bytes(dense_layer(SHAPE))
    return [sparse, dense]


def job_for(models, *serials, **changes):
    extras = {**EXTRAS, **changes}
    return AppJob(extras, pack(models), {serial: request_id(serial) for serial in serials}, poll_s=0.2)


def measure(phones, job, *, retries=2, timeout_s=60.0, stop=None):
    stop = stop or threading.Event()
    brought = []
    reports = measure_phones(
        Adb(phones.adb, stop), stop, list(job.requests), job, retries=retries, timeout_s=timeout_s,
        say=lambda *_: None, done=lambda report, measurement: brought.append(measurement),
    )  # fmt: skip
    return reports, brought


def app_program(tmp_path, monkeypatch, text):
    """Puts a shell script in the place of the app; `$1` are the extras, `$2` the phone."""
    script = tmp_path / "app.sh"
    script.write_text(f"#!/bin/sh\n{text}\n")
    script.chmod(0o755)
    monkeypatch.setenv("TFSPARSE_APP_STAND_IN", str(script))


WRITE = "R=$2/root/sdcard/Android/data/dev.tfsparse.bench/files/results; mkdir -p $R; "
REQUEST = 'N=$(sed \'s/.*"request": "\\([^"]*\\)".*/\\1/\' $1); '


@pytest.fixture
def quick_app(tmp_path, monkeypatch):
    """An app that has its result at once."""
    (tmp_path / "result.json").write_text(result([1.0] * 20, [2.0] * 20).to_json())
    app_program(tmp_path, monkeypatch, f"{WRITE}{REQUEST}cp {tmp_path}/result.json $R/$N.json")


def test_a_measurement_comes_home(phones, models):
    phones.add()
    job = job_for(models, "phone1")
    (report,), (measurement,) = measure(phones, job)
    assert (report.status, report.attempts, report.error) == ("ok", 1, None)
    assert report.phone.soc == "SoC9"
    assert measurement.name == f"{job.requests['phone1']}.json"
    assert measurement.content == (phones.results() / measurement.name).read_bytes()
    assert report.result == json.loads(measurement.content)
    assert report.result["sparse"]["model"] == EXTRAS["sparse"]
    (line,) = report.lines
    assert line.speedup == report.result["speedup"]["value"]


def test_every_extra_reaches_the_app_as_it_is(phones, models, quick_app):
    phone = phones.add()
    job = job_for(models, "phone1", isa='a\'b "c" $d `e` \\f\n')
    (report,), _ = measure(phones, job)
    assert json.loads((phone / "extras.json").read_text()) == {"request": job.requests["phone1"], **job.extras}
    assert report.status == "ok"


def test_an_error_of_the_app_is_shown_with_all_its_parts(phones, models):
    phones.add()
    (report,), brought = measure(phones, job_for(models, "phone1", sparse="none.tflite", surprise="1"))
    assert report.status == "failed"
    assert report.error.problem == "Unknown extras."
    assert report.error.received == "surprise"
    assert "sparse_delegate" in report.error.expected
    assert brought == [None]


def test_two_phones_measure_at_the_same_time(phones, models, tmp_path, monkeypatch):
    """Each app waits for the other to begin."""
    for serial in ("one", "two"):
        phones.add(serial)
    app_program(tmp_path, monkeypatch, f"""
        touch {tmp_path}/began-$(basename $2); {WRITE}{REQUEST}
        while [ ! -e {tmp_path}/began-one ] || [ ! -e {tmp_path}/began-two ]; do sleep 0.05; done
        cp {tmp_path}/result.json $R/$N.json""")  # fmt: skip
    (tmp_path / "result.json").write_text(result([1.0] * 20, [2.0] * 20).to_json())
    reports, _ = measure(phones, job_for(models, "one", "two"))
    assert [(report.serial, report.status) for report in reports] == [("one", "ok"), ("two", "ok")]


def test_a_phone_that_vanishes_goes_on_where_it_was(phones, models, tmp_path, monkeypatch):
    phones.add()
    app_program(
        tmp_path,
        monkeypatch,
        f"echo x >>{tmp_path}/starts; {WRITE}{REQUEST} sleep 3; cp {tmp_path}/result.json $R/$N.json",
    )
    (tmp_path / "result.json").write_text(result([1.0] * 20).to_json())
    phones.fault("phone1", {"match": "pidof", "do": "vanish", "seconds": 1})
    (report,), _ = measure(phones, job_for(models, "phone1"))
    assert (report.status, report.attempts) == ("ok", 2)
    assert (tmp_path / "starts").read_text() == "x\n"


def test_an_app_that_did_not_survive_is_started_again(phones, models, tmp_path, monkeypatch):
    phones.add()
    app_program(tmp_path, monkeypatch, f"""
        echo x >>{tmp_path}/starts; {WRITE}{REQUEST}
        [ $(wc -l <{tmp_path}/starts) = 1 ] && exit; cp {tmp_path}/result.json $R/$N.json""")  # fmt: skip
    (tmp_path / "result.json").write_text(result([1.0] * 20).to_json())
    phones.fault("phone1", {"match": "pidof", "do": "vanish", "seconds": 1})
    (report,), _ = measure(phones, job_for(models, "phone1"))
    assert (report.status, report.attempts) == ("ok", 2)
    assert (tmp_path / "starts").read_text() == "x\nx\n"


def test_an_app_that_was_open_before_is_not_taken_for_the_measurement(phones, models, quick_app):
    phone = phones.add()
    with subprocess.Popen(["sleep", "300"], start_new_session=True) as opened:
        (phone / "process").write_text(str(opened.pid))
        phones.fault("phone1", {"match": "push", "do": "vanish", "seconds": 1})
        (report,), _ = measure(phones, job_for(models, "phone1"), timeout_s=30)
        assert (report.status, report.attempts) == ("ok", 2)


def test_a_result_that_cannot_be_kept_leaves_the_others(phones, models, quick_app):
    def done(report, _):
        if report.serial == "one":
            raise ConversionError("one.json could not be written.")

    for serial in ("one", "two"):
        phones.add(serial)
    job = job_for(models, "one", "two")
    one, two = measure_phones(
        Adb(phones.adb), threading.Event(), ["one", "two"], job, retries=0, timeout_s=60.0,
        say=lambda *_: None, done=done,
    )  # fmt: skip
    assert (one.status, one.error.problem, two.status) == ("failed", "one.json could not be written.", "ok")
    assert one.result is not None


def test_a_phone_that_vanishes_too_often_is_lost(phones, models, quick_app):
    phones.add()
    phones.add("two")
    phones.fault("phone1", {"match": "push", "do": "vanish", "seconds": 1, "times": 9})
    reports, _ = measure(phones, job_for(models, "phone1", "two"), retries=1)
    assert [(report.status, report.attempts) for report in reports] == [("lost", 2), ("ok", 1)]


def test_a_phone_that_stays_away_is_given_up(phones, models):
    phones.add()
    phones.fault("phone1", {"match": "push", "do": "vanish", "seconds": 999})
    (report,), _ = measure(phones, job_for(models, "phone1"), timeout_s=5)
    assert report.status in ("lost", "timed out")
    assert report.error.remedy


def running(phones):
    process = phones.folder / "phones/phone1/process"
    return process.exists()


def test_a_phone_that_takes_too_long_is_stopped(phones, models, tmp_path, monkeypatch):
    phones.add()
    app_program(tmp_path, monkeypatch, "sleep 300")
    (report,), _ = measure(phones, job_for(models, "phone1"), timeout_s=4)
    assert report.status == "timed out"
    assert "--timeout" in report.error.remedy
    assert not running(phones)


def test_an_interrupted_measurement_stops_the_phone(phones, models, tmp_path, monkeypatch):
    phones.add()
    app_program(tmp_path, monkeypatch, f"touch {tmp_path}/began; sleep 300")
    stop = threading.Event()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(measure, phones, job_for(models, "phone1"), stop=stop)
        while not (tmp_path / "began").exists():
            time.sleep(0.05)
        assert running(phones)
        stop.set()
        (report,), _ = future.result(timeout=30)
    assert report.status == "cancelled"
    assert not running(phones)


def test_an_app_that_ends_without_a_result_is_found_out(phones, models, tmp_path, monkeypatch):
    phones.add()
    app_program(
        tmp_path,
        monkeypatch,
        f"""{REQUEST}
        echo 'FATAL EXCEPTION: main' >>$2/log
        echo '{{"request": "'$N'", "status": "failed", "error": "no space"}}' >>$2/log""",
    )
    (report,), _ = measure(phones, job_for(models, "phone1"))
    assert report.status == "failed"
    assert "stopped" in report.error.problem
    assert report.error.received == "no space"


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ('"status": "cancelled", "file": null, "error": null', "cancelled on phone phone1"),
        ('"status": "failed", "file": null, "error": "The result cannot be written."', "cannot be written"),
    ],
)
def test_an_app_that_stays_without_a_file_is_found_out(phones, models, tmp_path, monkeypatch, told, problem):
    phones.add()
    app_program(tmp_path, monkeypatch, f"""{REQUEST}
        echo '{{"request": "other", "status": "cancelled"}}' >>$2/log
        echo '{{"request": "'$N'", {told}}}' >>$2/log; sleep 300""")  # fmt: skip
    (report,), _ = measure(phones, job_for(models, "phone1"))
    assert report.status == "failed"
    assert problem in report.error.problem


@pytest.mark.parametrize("content", ["", "nonsense", '{"schema_version": 2}', "[1]", "\\0377"])
@pytest.mark.parametrize("suffix", [".json", ".error.json"])
def test_garbage_is_no_result(phones, models, tmp_path, monkeypatch, content, suffix):
    phones.add()
    app_program(tmp_path, monkeypatch, f"{WRITE}{REQUEST} printf '%b' '{content}' >$R/$N{suffix}")
    (report,), _ = measure(phones, job_for(models, "phone1"))
    assert report.status == "failed"
    assert "phone1" in report.error.problem
    assert report.result is None


def test_a_phone_without_the_app_gets_it_or_says_so(phones, models, tmp_path, quick_app):
    phones.add(app=None)
    job = job_for(models, "phone1")
    (report,), _ = measure(phones, job)
    assert report.status == "failed"
    assert "--apk" in report.error.remedy
    apk = tmp_path / "app.apk"
    apk.write_bytes(b"PK")
    (report,), _ = measure(phones, AppJob(job.extras, job.parcels, job.requests, apk, poll_s=0.2))
    assert report.status == "ok"


def test_an_activity_that_android_does_not_know_is_said(phones, models):
    phones.add()
    phones.fault("phone1", {"match": "am start", "do": "fail", "text": "error: closed", "times": 9})
    (report,), _ = measure(phones, job_for(models, "phone1"), retries=0)
    assert report.status == "lost"


def test_requests_are_names_that_the_app_takes():
    for serial in ("4f2", "192.168.0.7:5555", "x" * 99, "ü ö"):
        assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", request_id(serial))
    assert request_id("a") != request_id("a")


def test_a_line_holds_what_there_is():
    alone = app_line(result([1.0]))
    assert (alone.sparse_ms, alone.dense_ms, alone.speedup, alone.accuracy) == (1.0, None, None, None)
    both = result([1.0], [3.0])
    labelled = dataclasses.replace(both, sparse=dataclasses.replace(both.sparse, accuracy=Correct(3, 4)))
    assert (app_line(labelled).speedup, app_line(labelled).accuracy) == (3.0, 0.75)


def test_only_json_objects_of_the_log_count():
    assert log_lines('x\n[1]\n{"a": 1}\n{"a"\n') == [{"a": 1}]
