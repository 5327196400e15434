# SPDX-License-Identifier: Apache-2.0
"""Lets several phones work at the same time, and gets over one that vanishes."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Protocol

from tfsparse.android.adb import Adb, Cancelled, Connection
from tfsparse.android.deadline import Deadline, PhoneTimeoutError
from tfsparse.android.phone_state import PhoneState, read_state
from tfsparse.android.phones_result import CANCELLED, FAILED, LOST, OK, TIMED_OUT, Measurement, PhoneReport, Problem
from tfsparse.errors import PhoneError, PhoneLostError, TfsparseError

Say = Callable[[str], None]
"""Tells the user what a phone is doing."""


_BEFORE_WAITING_S = 1.0
"""adb takes a moment to see that a phone is gone."""


class Job(Protocol):
    """What each phone shall do."""

    def measure(self, phone: Connection, attempt: int, deadline: Deadline, say: Say) -> Measurement:
        """Does it, or goes on with it where `attempt` is not 1: the phone was lost in between."""

    def stop(self, phone: Connection) -> None:
        """Ends what may still run on the phone."""


def measure_phones(
    adb: Adb,
    stop: threading.Event,
    serials: Sequence[str],
    job: Job,
    *,
    retries: int,
    timeout_s: float,
    say: Callable[[str, str], None],
    done: Callable[[PhoneReport, Measurement | None], None],
) -> list[PhoneReport]:
    """Runs a job on every phone at the same time.

    Args:
        adb: The driver, which heeds `stop`.
        stop: Set here when the user interrupts; the phones that are not done are stopped then.
        serials: Serial numbers of the phones.
        job: What they shall do.
        retries: How often a phone may be lost.
        timeout_s: Seconds that each phone has.
        say: Called with a serial number and what the phone is doing.
        done: Called with what each phone brings home, as soon as it does, by one thread at a time.

    Returns:
        One report per phone, in the order of the serials.
    """
    lock = threading.Lock()

    def work(serial: str) -> PhoneReport:
        deadline = Deadline(timeout_s)
        phone = adb.connection(serial, deadline)
        worker = _Worker(phone, job, retries, deadline, lambda text: say(serial, text))
        report, measurement = worker.run()
        try:
            with lock:
                done(report, measurement)
        except (TfsparseError, OSError) as error:
            return replace(report, status=FAILED, error=Problem.of(error))
        return report

    with ThreadPoolExecutor(max_workers=len(serials)) as pool:
        futures = [pool.submit(work, serial) for serial in serials]
        try:
            wait(futures)
        except KeyboardInterrupt:
            stop.set()
            wait(futures)
    return [future.result() for future in futures]


class _Worker:
    """One phone at work."""

    def __init__(self, phone: Connection, job: Job, retries: int, deadline: Deadline, say: Say) -> None:
        self._phone, self._job, self._retries, self._deadline, self._say = phone, job, retries, deadline, say
        self._state: PhoneState | None = None
        self._attempt = 0

    def run(self) -> tuple[PhoneReport, Measurement | None]:
        try:
            measurement = self._persist()
        except Cancelled:
            return self._unfinished(CANCELLED, PhoneError("The measurement was interrupted.")), None
        except PhoneTimeoutError as error:
            return self._unfinished(TIMED_OUT, error), None
        except PhoneLostError as error:
            return self._report(LOST, error=error), None
        except (TfsparseError, OSError) as error:
            return self._report(FAILED, error=error), None
        return self._report(OK, measurement), measurement

    def _persist(self) -> Measurement:
        """Measures, again and again as long as the phone is lost and comes back."""
        while True:
            self._attempt += 1
            try:
                self._state = self._state or read_state(self._phone)
                return self._job.measure(self._phone, self._attempt, self._deadline, self._say)
            except PhoneLostError:
                left = self._deadline.left()
                if self._attempt > self._retries:
                    raise
                self._say("lost; waiting for it to come back")
                self._phone.adb.pause(min(left, _BEFORE_WAITING_S))
                self._phone.wait(self._deadline.left())

    def _unfinished(self, status: str, error: Exception) -> PhoneReport:
        """The phone may still be at work, and is told to stop."""
        calm = Adb(self._phone.adb.executable).connection(self._phone.serial)
        with contextlib.suppress(PhoneError):
            self._job.stop(calm)
        return self._report(status, error=error)

    def _report(
        self, status: str, measurement: Measurement | None = None, error: Exception | None = None
    ) -> PhoneReport:
        self._say(status)
        return PhoneReport(
            serial=self._phone.serial,
            phone=self._state,
            status=status,
            attempts=self._attempt,
            error=None if error is None else Problem.of(error),
            result=measurement.result if measurement else None,
            lines=measurement.lines if measurement else (),
        )
