# SPDX-License-Identifier: Apache-2.0
"""The driver hands words over as they are, and says what went wrong in words of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.utils.phones import PROPERTIES, Phones
from tfsparse.android.adb import ADB_VARIABLE, Adb, Cancelled
from tfsparse.android.deadline import Deadline, PhoneTimeoutError
from tfsparse.errors import InvalidArgumentError, PhoneError, PhoneLostError, RuntimeUnavailableError

words = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=20)


@pytest.fixture(scope="module")
def shared_phone():
    """A phone for many questions."""
    with tempfile.TemporaryDirectory() as folder:
        phones = Phones(Path(folder, "desk"))
        phones.add()
        yield Adb(phones.adb).connection("phone1")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(words, min_size=1, max_size=4))
def test_words_reach_the_phone_as_they_are(shared_phone, arguments):
    """Through a real shell, which splits, expands and runs whatever is not quoted."""
    shown = shared_phone.shell("printf", "%s\\n", *arguments)
    assert shown == "".join(f"{argument}\n" for argument in arguments)


@pytest.mark.parametrize(
    "word", ["$(touch hit)", "`touch hit`", "a; touch hit", "a\ntouch hit", "'; touch hit; '", "*"]
)
def test_no_word_is_a_command(phone, phones, word):
    assert phone.shell("printf", "%s", word) == word
    assert not (phones.root() / "hit").exists()


def test_status_and_output_come_back(phone):
    assert phone.run(["sh", "-c", "echo out; echo err >&2; exit 7"]).status == 7
    assert phone.run(["sh", "-c", "echo out; echo err >&2; exit 7"]).text == "out\nerr\n"
    assert phone.run(["printf", "no end"]).text == "no end"


def test_what_a_program_prints_goes_to_a_file_and_its_errors_come_back(phone, phones):
    target = "/data/local/tmp/a file"
    assert phone.run(["sh", "-c", "echo out; echo err >&2"], stdout=target).text == "err\n"
    assert (phones.root() / "data/local/tmp/a file").read_text() == "out\n"


def test_a_program_that_fails_is_an_error(phone):
    with pytest.raises(PhoneError, match=r"refused a command.*No such file") as caught:
        phone.shell("cat", "/data/local/tmp/none")
    assert not isinstance(caught.value, PhoneLostError)


def test_a_zero_byte_is_refused(phone):
    with pytest.raises(InvalidArgumentError, match="zero byte"):
        phone.run(["echo", "a\0b"])


def test_files_travel_whole(phone, phones, tmp_path):
    local = tmp_path / "a b'c.bin"
    local.write_bytes(os.urandom(1000))
    phone.push(local, "/data/local/tmp/it's $HOME.bin")
    phone.pull("/data/local/tmp/it's $HOME.bin", tmp_path / "back", 1000)
    assert (tmp_path / "back").read_bytes() == local.read_bytes()


@pytest.mark.parametrize(
    ("fault", "kind", "message"),
    [
        ({"do": "vanish"}, PhoneLostError, "broke the connection"),
        ({"do": "garbage"}, PhoneLostError, "broke the connection"),
        ({"do": "fail", "text": "error: closed"}, PhoneLostError, "closed the connection"),
        ({"do": "fail", "text": "error: device offline"}, PhoneLostError, "is offline"),
        ({"do": "fail", "text": "error: device unauthorized."}, PhoneError, "Allow USB debugging"),
    ],
)
def test_a_broken_connection_is_told_from_a_refusal(phone, phones, fault, kind, message):
    phones.fault("phone1", {"match": "echo", **fault})
    with pytest.raises(PhoneError, match=message) as caught:
        phone.shell("echo", "hello")
    assert type(caught.value) is kind


def test_a_phone_that_is_not_there_is_lost_until_it_comes_back(phone, phones):
    phones.fault("phone1", {"match": "echo", "do": "vanish", "seconds": 1})
    for _ in range(2):
        with pytest.raises(PhoneLostError):
            phone.shell("echo", "hello")
    phone.wait(10)
    assert phone.shell("echo", "hello") == "hello\n"


def test_a_phone_in_the_network_is_called_again(phones):
    phones.add("10.0.0.1:5555")
    phone = Adb(phones.adb).connection("10.0.0.1:5555")
    phone.wait(10)
    assert phone.shell("echo", "hello") == "hello\n"
    assert ["connect", "10.0.0.1:5555"] in phones.calls()
    assert [found.serial for found in phone.adb.devices()] == ["10.0.0.1:5555"]


def test_waiting_ends(phone, phones):
    phones.fault("phone1", {"match": "echo", "do": "vanish", "seconds": 60})
    with pytest.raises(PhoneLostError):
        phone.shell("echo", "hello")
    started = time.monotonic()
    with pytest.raises(PhoneLostError, match="did not come back within 1 s"):
        phone.wait(1)
    assert time.monotonic() - started < 10


def test_nothing_stays_open_of_an_adb_whose_child_outlives_it(tmp_path):
    """The child, a server, holds the pipes, which only then could be read to their end."""
    adb = tmp_path / "adb"
    adb.write_text("#!/bin/sh\nsleep 4 &\nexec sleep 30\n")
    adb.chmod(0o755)
    before = set(os.listdir("/proc/self/fd"))
    with pytest.raises(PhoneLostError, match="did not finish within 0 s"):
        Adb(str(adb)).call(["devices"], 0.1)
    assert set(os.listdir("/proc/self/fd")) <= before


def test_a_phone_that_starts_anew_is_waited_for(phone, phones):
    phones.change("phone1", properties={**PROPERTIES, "sys.boot_completed": ""})
    with pytest.raises(PhoneLostError, match="did not come back"):
        phone.wait(1)
    phones.change("phone1", properties=PROPERTIES)
    phone.wait(10)


def test_nothing_goes_past_the_deadline_of_a_phone(phones, tmp_path):
    phones.add()
    phones.fault("phone1", {"match": "install|push|echo", "do": "slow", "seconds": 60, "times": 9})
    file = tmp_path / "file"
    file.write_bytes(b"x")
    phone = Adb(phones.adb).connection("phone1", Deadline(1))
    with pytest.raises(PhoneLostError, match="did not finish"):
        phone.install(file)
    for call in (lambda: phone.push(file, "/data/local/tmp/file"), lambda: phone.shell("echo")):
        with pytest.raises(PhoneTimeoutError):
            call()


def test_a_slow_phone_is_given_up(phone, phones):
    phones.fault("phone1", {"match": "echo", "do": "slow", "seconds": 60})
    with pytest.raises(PhoneLostError, match="did not finish"):
        phone.run(["echo", "hello"], timeout_s=0.5)


def test_a_stop_ends_what_is_under_way(phones):
    phones.add()
    stop = threading.Event()
    phone = Adb(phones.adb, stop).connection("phone1")
    threading.Timer(0.5, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Cancelled):
        phone.shell("sleep", "30")
    assert time.monotonic() - started < 10
    with pytest.raises(Cancelled):
        phone.adb.pause(30)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("INSTALL_FAILED_INSUFFICIENT_STORAGE", "no space left"),
        ("INSTALL_FAILED_UPDATE_INCOMPATIBLE", "adb uninstall dev.tfsparse.bench"),
        ("INSTALL_FAILED_NO_MATCHING_ABIS", "not built for"),
        ("INSTALL_FAILED_OLDER_SDK", "older than 6.0"),
        ("INSTALL_FAILED_SOMETHING_NEW", "INSTALL_FAILED_SOMETHING_NEW"),
    ],
)
def test_why_an_app_cannot_be_installed_is_said(phone, phones, tmp_path, text, message):
    apk = tmp_path / "app.apk"
    apk.write_bytes(b"PK")
    phone.install(apk)
    phones.fault("phone1", {"match": "install", "do": "fail", "text": f"adb: failed to install: Failure [{text}]"})
    with pytest.raises(PhoneError, match=message):
        phone.install(apk)


def test_a_full_phone_is_named(phone, phones, tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"x")
    text = "adb: error: failed to copy 'file' to '/data/local/tmp/file': remote write failed: No space left on device"
    phones.fault("phone1", {"match": "push", "do": "fail", "text": text})
    with pytest.raises(PhoneError, match="no space left") as caught:
        phone.push(file, "/data/local/tmp/file")
    assert "pull --remove" in caught.value.remedy


def test_adb_is_found_or_missed(phones, monkeypatch, tmp_path):
    monkeypatch.setenv(ADB_VARIABLE, phones.adb)
    assert Adb().devices() == []
    monkeypatch.setenv(ADB_VARIABLE, str(tmp_path / "none"))
    with pytest.raises(RuntimeUnavailableError, match="apt install adb"):
        Adb()


@pytest.mark.skipif(shutil.which("adb") is None, reason="there is no adb on this machine")
def test_the_real_adb_lists_no_phone(monkeypatch):
    """With a server of its own, on a port that was free, which is ended at last."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    monkeypatch.setenv("ADB_SERVER_SOCKET", f"tcp:localhost:{port}")
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(port))
    adb = Adb(shutil.which("adb"))
    try:
        assert adb.devices() == []
        with pytest.raises(PhoneLostError, match="is not attached"):
            adb.connection("none").shell("echo", "hello")
    finally:
        subprocess.run(["adb", "kill-server"], check=True, capture_output=True, timeout=30)
