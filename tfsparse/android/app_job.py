# SPDX-License-Identifier: Apache-2.0
"""Measures with the benchmark app: starts it by intent, waits for its result, and brings that home."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tfsparse.android import layout
from tfsparse.android.adb import Connection
from tfsparse.android.deadline import Deadline
from tfsparse.android.failures import shortened
from tfsparse.android.phone_state import app_version
from tfsparse.android.phones_result import Line, Measurement
from tfsparse.android.push import Parcel, push
from tfsparse.android.remote_files import fetch
from tfsparse.android.side_by_side import Say
from tfsparse.bench.reading import parse_result
from tfsparse.bench.result import BenchResult
from tfsparse.errors import PhoneError

_POLL_S = 2.0
"""Asking costs the phone time, of which the measurement should lose little."""

_SILENT_POLLS = 3
"""So many times in a row without a process and without a result, the app is gone."""

_POLLS_A_LOG = 15
"""So many looks for a file go with one into the log, which costs the phone more."""

_LOG_LINES = 200
_ERROR_PARTS = ("expected", "received", "remedy")


def request_id(serial: str) -> str:
    """A name for a measurement that no other has, of the letters that the app takes.

    Example:

    >>> len(request_id("adb-4f2 (2)._adb-tls-connect._tcp")) <= 64
    True
    """
    moment = datetime.now(timezone.utc).strftime("%Y%m%d-%H%M%S")
    return f"{moment}-{secrets.token_hex(3)}-{re.sub(r'[^A-Za-z0-9._-]', '_', serial)[:40]}"


@dataclass(frozen=True)
class AppJob:
    """One measurement with the app.

    Attributes:
        extras: What the app is asked for, without `request`.
        parcels: Files that it needs.
        requests: Serial number → name of the measurement on that phone.
        apk: The app, to be installed before; `None` to use the one that is there.
        poll_s: Seconds between two looks at the phone.
        started: Serial numbers of the phones that were told to begin.
    """

    extras: Mapping[str, str]
    parcels: Sequence[Parcel]
    requests: Mapping[str, str]
    apk: Path | None = None
    poll_s: float = _POLL_S
    started: set[str] = field(default_factory=set)

    def measure(self, phone: Connection, attempt: int, deadline: Deadline, say: Say) -> Measurement:
        """Starts the app and waits; after a loss goes on with what the app did meanwhile."""
        request = self.requests[phone.serial]
        if phone.serial not in self.started or not self._is_under_way(phone, request):
            self._prepare(phone, say)
            self._start(phone, request)
        say("measuring")
        name = self._await(phone, request, deadline)
        say("fetching the result")
        content = fetch(phone, f"{layout.RESULTS}/{name}")
        if name.endswith(layout.ERROR_SUFFIX):
            raise _app_error(phone, content.decode("utf-8", "replace"))
        result = parse_result(content, f"{name} of phone {phone.serial}")
        return Measurement(name, content, json.loads(content), [app_line(result)])

    def stop(self, phone: Connection) -> None:
        """Ends the app."""
        phone.run(["am", "force-stop", layout.PACKAGE])

    def _prepare(self, phone: Connection, say: Say) -> None:
        if self.apk is not None:
            say("installing the app")
            phone.install(self.apk)
        elif app_version(phone) is None:
            raise PhoneError(
                f"The benchmark app is not installed on phone {phone.serial}.",
                remedy="Give its file, which `make apk` builds: --apk build/android/tfsparse-bench.apk.",
            )
        say("bringing the files")
        push(phone, self.parcels)

    def _start(self, phone: Connection, request: str) -> None:
        phone.run(["input", "keyevent", "KEYCODE_WAKEUP"])
        words = ["am", "start", "-S", "-n", layout.ACTIVITY, "-a", layout.RUN_ACTION]
        for name, value in {"request": request, **self.extras}.items():
            words += ["--es", name, value]
        self.started.add(phone.serial)
        started = phone.run(words)
        if started.status != 0 or re.search("Error|Exception", started.text):
            raise PhoneError(f"The app did not start on phone {phone.serial}.", received=shortened(started.text))

    def _is_under_way(self, phone: Connection, request: str) -> bool:
        found, alive = _look(phone, request)
        return found is not None or alive

    def _await(self, phone: Connection, request: str, deadline: Deadline) -> str:
        """Name of the file that the app writes at the end."""
        silent = looks = 0
        while True:
            found, alive = _look(phone, request)
            if found is not None:
                return found
            silent = 0 if alive else silent + 1
            if silent == _SILENT_POLLS:
                raise _gone(phone, request)
            looks += 1
            if looks % _POLLS_A_LOG == 0:
                _check_log(phone, request)
            phone.adb.pause(min(self.poll_s, deadline.left()))


def app_line(result: BenchResult) -> Line:
    """What a result of the app comes to."""
    speedup, accuracy = result.speedup, result.sparse.accuracy
    return Line(
        what=result.sparse.model,
        sparse_ms=result.sparse.latency_ms.median,
        dense_ms=result.dense.latency_ms.median if result.dense else None,
        speedup=speedup.value if speedup else None,
        low=speedup.low if speedup else None,
        high=speedup.high if speedup else None,
        accuracy=accuracy.correct / accuracy.samples if accuracy else None,
    )


def _look(phone: Connection, request: str) -> tuple[str | None, bool]:
    """The file of the request, if it is there, and whether the app runs; one question, as each costs the phone time.

    Android 6 has no `pidof`, but a `ps` that lists the processes of all.
    """
    script = 'ls "$0"; echo; echo "process $(pidof "$1" || ps | grep "$1")"'
    listed, _, process = phone.run(["sh", "-c", script, layout.RESULTS, layout.PACKAGE]).text.rpartition("process")
    names = listed.split("\n")
    wanted = (request + layout.RESULT_SUFFIX, request + layout.ERROR_SUFFIX)
    return next((name for name in wanted if name in names), None), bool(process.strip())


def _check_log(phone: Connection, request: str) -> None:
    """Raises where the log says that the request has ended without a file, the app still being there."""
    line = _told(_log(phone), request)
    if line.get("status") == "cancelled":
        raise PhoneError(f"The measurement was cancelled on phone {phone.serial}.")
    if line.get("status") == "failed" and line.get("file") is None:
        raise PhoneError(
            str(line.get("error")),
            received="an error that the app could not write into a file",
            remedy="Free storage on the phone; `tfsparse android pull --remove` deletes results that are safe here.",
        )


def _gone(phone: Connection, request: str) -> PhoneError:
    """The app ended without a file; its last words are in the phone's log."""
    log = _log(phone)
    problem = _told(log, request).get("error")
    return PhoneError(
        f"The app stopped on phone {phone.serial} without a result.",
        received=problem if isinstance(problem, str) else shortened(log) or "nothing in the log",
        remedy="Look at the phone's screen: an app in the background may be ended, and a locked phone starts none.",
    )


def _log(phone: Connection) -> str:
    """What the app and the end of any app have left in the phone's log."""
    words = ["logcat", "-d", "-v", "raw", "-t", str(_LOG_LINES), "-s", f"{layout.LOG_TAG}:V", "AndroidRuntime:E"]
    return phone.run(words).text


def _told(log: str, request: str) -> dict[str, Any]:
    """The app's line about a request; empty where there is none."""
    return next((line for line in log_lines(log) if line.get("request") == request), {})


def log_lines(log: str) -> list[dict[str, Any]]:
    """The app's JSON lines in the phone's log; others are skipped."""
    found = []
    for line in log.split("\n"):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            found.append(value)
    return found


def _app_error(phone: Connection, content: str) -> PhoneError:
    """The error that the app wrote into a file."""
    lines = log_lines(content.replace("\n", " "))
    error = lines[0].get("error") if lines else None
    if not isinstance(error, dict) or not isinstance(error.get("problem"), str):
        return PhoneError(f"The app failed on phone {phone.serial}, in words of its own.", received=content[:300])
    texts = {key: error.get(key) if isinstance(error.get(key), str) else None for key in _ERROR_PARTS}
    return PhoneError(error["problem"], **texts)
