# SPDX-License-Identifier: Apache-2.0
"""The kernel benchmark runs as it would on a phone: the program for 64-bit Arm, under qemu."""

from __future__ import annotations

import contextlib
import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utils.phones import REPOSITORY
from tfsparse.android import layout
from tfsparse.android.deadline import Deadline
from tfsparse.android.native_job import NativeJob, kernel_lines, parse_kernels
from tfsparse.android.remote_files import result_names
from tfsparse.errors import PhoneError, PhoneLostError

LAYER = "net,conv,conv2d,8,8,32,32,3,1"
RESULT = {
    "schema": "tfsparse-kernel-bench",
    "schema_version": 1,
    "layers": [
        {
            "dense": {"ms": {"median": dense}},
            "sparse": [{"winner_rate": rate, "ms": {"median": dense * rate}} for rate in (0.5, 0.25)],
        }
        for dense in (1.0, 3.0)
    ],
}


@pytest.fixture
def program():
    path = REPOSITORY / "build/android/native/arm64-v8a/tfsparse_bench"
    if not path.is_file() or shutil.which("qemu-aarch64-static") is None:
        pytest.skip("no kernel benchmark for 64-bit Arm: run `make android-native`, and install qemu-user-static")
    return path


def quiet(_):
    pass


def job(program, *more):
    words = ["--layer", LAYER, "--winner-rates", "0.5", "--runs", "3", "--warmup", "1", *more]
    return NativeJob(words, [], {"phone1": "request"}, program)


def test_the_program_for_arm_measures(phone, phones, program):
    measurement = job(program).measure(phone, 1, Deadline(120), quiet)
    assert measurement.result["isa"] == "neon"
    (layer,) = measurement.result["layers"]
    assert (layer["network"], layer["channels"]) == ("net", 32)
    (line,) = measurement.lines
    assert line.what == "1 layers at 0.5"
    assert line.speedup == pytest.approx(line.dense_ms / line.sparse_ms)
    stored = phones.root() / "data/local/tmp/tfsparse/outputs/request.json"
    assert json.loads(stored.read_text()) == measurement.result


def test_its_complaint_is_passed_on(phone, program):
    with pytest.raises(PhoneError, match=r"kernel benchmark failed on phone phone1.*avx2"):
        job(program, "--isa", "avx2").measure(phone, 1, Deadline(60), quiet)


def test_a_phone_that_vanishes_in_mid_run_is_lost_and_can_begin_anew(phone, phones, program):
    phones.fault("phone1", {"match": "tfsparse_bench --layer", "do": "vanish", "seconds": 1, "after": 0.3})
    with pytest.raises(PhoneLostError):
        job(program).measure(phone, 1, Deadline(60), quiet)
    phone.wait(10)
    assert job(program).measure(phone, 2, Deadline(60), quiet).lines


def test_what_is_not_complete_has_no_name_to_pull_and_is_ended_before_the_next_try(phone, phones, tmp_path):
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho half; exit 1\n")
    with pytest.raises(PhoneError):
        job(program).measure(phone, 2, Deadline(60), quiet)
    assert result_names(phone, layout.OUTPUTS) == []
    assert not list((phones.root() / "data/local/tmp/tfsparse/outputs").iterdir())
    words = [call[-1] for call in phones.calls()]
    ended = next(at for at, text in enumerate(words) if "pkill tfsparse_bench" in text)
    assert ended < next(at for at, text in enumerate(words) if "tfsparse_bench --layer" in text)


def test_lines_sum_times_and_average_ratios():
    half, quarter = kernel_lines(RESULT)
    assert (half.what, half.sparse_ms, half.dense_ms) == ("2 layers at 0.5", 2.0, 4.0)
    assert half.speedup == pytest.approx(2)
    assert quarter.speedup == pytest.approx(4)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        "null",
        json.dumps({**RESULT, "schema_version": 2}),
        json.dumps({**RESULT, "layers": [1]}),
        json.dumps(RESULT).replace("1.0", "NaN"),
        json.dumps({**RESULT, "extra": float("nan")}),
        json.dumps(RESULT)[:-1] + ', "extra": 1e999}',
        json.dumps(RESULT).replace("1.0", "0"),
        json.dumps(RESULT).replace("1.0", "-1"),
    ],
)
def test_what_is_no_result_is_refused(content):
    with pytest.raises(PhoneError, match="no result that this version can read"):
        parse_kernels(content.encode(), "phone1")


@given(st.binary(max_size=40) | st.text(max_size=20).map(lambda text: json.dumps({**RESULT, "layers": text}).encode()))
def test_anything_is_refused_or_empty(content):
    with contextlib.suppress(PhoneError):
        assert parse_kernels(content, "phone1")["layers"] == ""
