# SPDX-License-Identifier: Apache-2.0
"""Drives phones through the program `adb`."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tfsparse.android.deadline import Deadline, PhoneTimeoutError
from tfsparse.android.device_list import AttachedPhone, parse_devices
from tfsparse.android.failures import adb_failure, known_failure
from tfsparse.errors import InvalidArgumentError, PhoneError, PhoneLostError, RuntimeUnavailableError

ADB_VARIABLE = "TFSPARSE_ADB"
"""Environment variable with the path of an adb to use instead of the one on the PATH."""

SHELL_TIMEOUT_S = 60.0
INSTALL_TIMEOUT_S = 300.0
_SLOWEST_BYTES_PER_S = 500_000
_POLL_S = 0.1
_READY_POLL_S = 2.0
_ADDRESS = re.compile(r"\S+:\d+")
"""Serial number of a phone that was reached by `adb connect`."""

_GRACE_S = 2.0


class Cancelled(Exception):  # noqa: N818  (it is no error)
    """The caller asked to stop."""


@dataclass(frozen=True)
class Output:
    """What a command on the phone printed, errors included, and its exit status."""

    text: str
    status: int


@dataclass(frozen=True)
class Reply:
    """How adb itself ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Both outputs as one text."""
        return f"{self.out}\n{self.err}".strip()


class Adb:
    """The program `adb` of this machine.

    Args:
        executable: Its path; `None` for what TFSPARSE_ADB names, else the one on the PATH.
        stop: Set from any thread to make every call that is under way, or begins, raise `Cancelled`.

    Raises:
        RuntimeUnavailableError: There is none.
    """

    def __init__(self, executable: str | None = None, stop: threading.Event | None = None) -> None:
        wanted = executable or os.environ.get(ADB_VARIABLE) or "adb"
        found = shutil.which(wanted)
        if found is None:
            raise RuntimeUnavailableError(
                "adb, the program that talks to phones, is not there.",
                expected=f"an executable {wanted}",
                remedy="Install it (Debian, Ubuntu: apt install adb; macOS: brew install android-platform-tools; "
                f"others: Android SDK Platform-Tools), or name it in the environment variable {ADB_VARIABLE}.",
            )
        self.executable = found
        self._stop = stop or threading.Event()

    def devices(self) -> list[AttachedPhone]:
        """Every phone that is attached, in whatever state."""
        reply = self.call(["devices", "-l"], SHELL_TIMEOUT_S)
        if reply.status != 0:
            raise PhoneError("adb cannot list the phones.", received=reply.all, remedy="Run `adb start-server`.")
        return parse_devices(reply.out)

    def connection(self, serial: str, deadline: Deadline | None = None) -> Connection:
        """The phone of this serial number, attached or not; nothing that it is asked goes past the deadline."""
        return Connection(self, serial, deadline)

    def call(self, arguments: Sequence[str], timeout_s: float) -> Reply:
        """Runs adb.

        Args:
            arguments: Its arguments.
            timeout_s: Seconds after which it is ended.

        Raises:
            PhoneLostError: It took too long.
            Cancelled: `stop` was set.
        """
        process = subprocess.Popen(
            [self.executable, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for this program alone, which then stops the phones in order
        )
        try:
            out, err = self._communicate(process, timeout_s)
            return Reply(process.returncode, _text(out), _text(err))
        finally:
            _end(process)

    def _communicate(self, process: subprocess.Popen[bytes], timeout_s: float) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + timeout_s
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.communicate(timeout=_POLL_S)
            if self._stop.is_set():
                raise Cancelled
            if time.monotonic() > deadline:
                raise PhoneLostError(
                    f"adb did not finish within {timeout_s:.0f} s.",
                    remedy="Look at the phone's screen and cable; `adb kill-server` ends a server that hangs.",
                )

    def pause(self, seconds: float) -> None:
        """Sleeps, but not past a stop."""
        if self._stop.wait(seconds):
            raise Cancelled


class Connection:
    """One phone; every method may raise `PhoneError`, or `PhoneLostError` where it may help to try again later."""

    def __init__(self, adb: Adb, serial: str, deadline: Deadline | None = None) -> None:
        self.adb = adb
        self.serial = serial
        self._deadline = deadline

    def run(self, words: Sequence[str], timeout_s: float = SHELL_TIMEOUT_S, stdout: str | None = None) -> Output:
        """Runs a program on the phone.

        The status is printed behind the output: a phone older than Android 7 passes none on, and where it is missing
        the connection broke.

        Args:
            words: The program and its arguments, which reach it as they are.
            timeout_s: Seconds after which the phone counts as lost.
            stdout: File on the phone for what the program prints, errors left out; `None` to return it with them.
        """
        if any("\0" in word for word in words):
            raise InvalidArgumentError("A text for the phone holds a zero byte.", received=list(words))
        mark = f"status-{secrets.token_hex(8)}:"
        target = "" if stdout is None else f" >{shlex.quote(stdout)}"
        script = f"{shlex.join(words)} 2>&1{target}; status=$?; echo; echo {mark}$status"
        reply = self._ask(["shell", script], timeout_s)
        output, found, code = reply.out.rpartition(mark)
        if found and code.strip().isdecimal():
            return Output(output.removesuffix("\n"), int(code))
        raise known_failure(self.serial, reply.err) or PhoneLostError(f"Phone {self.serial} broke the connection.")

    def shell(self, *words: str, timeout_s: float = SHELL_TIMEOUT_S) -> str:
        """Runs a program that must succeed; returns what it printed."""
        output = self.run(words, timeout_s)
        if output.status != 0:
            raise adb_failure(self.serial, f"{words[0]}: {output.text}")
        return output.text

    def push(self, local: Path, remote: str) -> None:
        """Copies a file to the phone."""
        self._transfer(["push", str(local), remote], local.stat().st_size)

    def pull(self, remote: str, local: Path, size: int) -> None:
        """Copies a file of so many bytes from the phone."""
        self._transfer(["pull", remote, str(local)], size)

    def install(self, apk: Path) -> None:
        """Installs an app, or brings it up to date, keeping its data."""
        reply = self._ask(["install", "-r", str(apk)], INSTALL_TIMEOUT_S)
        if reply.status != 0 or "Failure" in reply.out:
            raise adb_failure(self.serial, reply.all)

    def wait(self, timeout_s: float) -> None:
        """Waits until the phone is attached and has started; one in the network is called until it answers.

        Raises:
            PhoneLostError: It did not come back in time.
        """
        deadline = Deadline(timeout_s)
        try:
            while not self._has_started():
                self.adb.pause(min(_READY_POLL_S, deadline.left()))
        except PhoneTimeoutError:
            raise PhoneLostError(
                f"Phone {self.serial} did not come back within {timeout_s:.0f} s.",
                remedy="Look at its screen and cable, or give it more time with --timeout.",
            ) from None

    def _has_started(self) -> bool:
        """A phone that starts anew is reachable before it can run an app."""
        with contextlib.suppress(PhoneError):
            if _ADDRESS.fullmatch(self.serial):
                self.adb.call(["connect", self.serial], SHELL_TIMEOUT_S)
            return self.run(["getprop", "sys.boot_completed"]).text.strip() == "1"
        return False

    def _transfer(self, arguments: list[str], size: int) -> None:
        reply = self._ask(arguments, SHELL_TIMEOUT_S + size / _SLOWEST_BYTES_PER_S)
        if reply.status != 0:
            raise adb_failure(self.serial, reply.all)

    def _ask(self, arguments: list[str], timeout_s: float) -> Reply:
        limit = timeout_s if self._deadline is None else min(timeout_s, self._deadline.left())
        return self.adb.call(["-s", self.serial, *arguments], limit)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process that is still there, kindly at first, and closes its pipes, which its children may still hold."""
    for signal in (process.terminate, process.kill):
        if process.poll() is None:
            signal()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=_GRACE_S)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _text(content: bytes) -> str:
    """Phones older than Android 7 end lines as terminals do."""
    return content.decode("utf-8", "replace").replace("\r\n", "\n")
