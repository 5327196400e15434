# SPDX-License-Identifier: Apache-2.0
"""Measures the kernels alone, with a program that needs neither app nor runtime."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tfsparse.android import layout
from tfsparse.android.adb import Connection
from tfsparse.android.deadline import Deadline
from tfsparse.android.failures import shortened
from tfsparse.android.phones_result import Line, Measurement
from tfsparse.android.programs import program_parcel
from tfsparse.android.push import Parcel, push
from tfsparse.android.remote_files import fetch
from tfsparse.android.side_by_side import Say
from tfsparse.errors import PhoneError

PROGRAM = "tfsparse_bench"
SCHEMA = "tfsparse-kernel-bench"
SCHEMA_VERSION = 1
_PART = ".part"


@dataclass(frozen=True)
class NativeJob:
    """One run of the kernel benchmark.

    Attributes:
        arguments: Its arguments.
        parcels: What it reads.
        program: The program on this machine, or `None` for what was built for the phone's ABI.
        requests: Serial number → name of the measurement on that phone.
    """

    arguments: Sequence[str]
    parcels: Sequence[Parcel]
    requests: Mapping[str, str]
    program: Path | None = None

    def measure(self, phone: Connection, attempt: int, deadline: Deadline, say: Say) -> Measurement:
        """Runs the program from the start; after a loss it may still be at work, and would disturb the new one."""
        if attempt > 1:
            self.stop(phone)
        say("bringing the files")
        push(phone, [program_parcel(phone, PROGRAM, self.program, "--bench-binary"), *self.parcels])
        phone.shell("mkdir", "-p", layout.OUTPUTS)
        name = f"{self.requests[phone.serial]}.json"
        remote = f"{layout.OUTPUTS}/{name}"
        say("measuring")
        self._run(phone, remote, deadline)
        content = fetch(phone, remote)
        result = parse_kernels(content, phone.serial)
        return Measurement(name, content, result, kernel_lines(result))

    def stop(self, phone: Connection) -> None:
        """Ends the program."""
        phone.run(["pkill", PROGRAM])

    def _run(self, phone: Connection, remote: str, deadline: Deadline) -> None:
        """The result gets its name when it is complete."""
        part = remote + _PART
        program = f"{layout.PROGRAMS}/{PROGRAM}"
        done = phone.run([program, *self.arguments], timeout_s=deadline.left(), stdout=part)
        if done.status != 0:
            phone.run(["rm", "-f", part])
            raise PhoneError(
                f"The kernel benchmark failed on phone {phone.serial}.",
                received=shortened(done.text) or "no message",
            )
        phone.shell("mv", "-f", part, remote)


def parse_kernels(content: bytes, serial: str) -> dict[str, Any]:
    """Reads what the program printed.

    Raises:
        PhoneError: It is no result, or one of another version.
    """
    try:
        result = json.loads(content)
        known = (result["schema"], result["schema_version"]) == (SCHEMA, SCHEMA_VERSION)
        kernel_lines(result)
        json.dumps(result, allow_nan=False)
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError):
        known = False
    if not known:
        raise PhoneError(
            f"The kernel benchmark of phone {serial} printed no result that this version can read.",
            expected=f"a JSON object with schema {SCHEMA}, schema_version {SCHEMA_VERSION}",
            received=content[:100].decode("utf-8", "replace"),
            remedy="Build the program from this version: make android-native.",
        )
    return result


def kernel_lines(result: Mapping[str, Any]) -> list[Line]:
    """For each winner rate the times of all layers together, and the mean speed-up."""
    rates: dict[float, list[tuple[float, float]]] = {}
    for layer in result["layers"]:
        dense_ms = _median(layer["dense"])
        for sparse in layer["sparse"]:
            rates.setdefault(float(sparse["winner_rate"]), []).append((_median(sparse), dense_ms))
    return [
        Line(
            what=f"{len(pairs)} layers at {rate:g}",
            sparse_ms=sum(sparse for sparse, _ in pairs),
            dense_ms=sum(dense for _, dense in pairs),
            speedup=math.exp(sum(math.log(dense / sparse) for sparse, dense in pairs) / len(pairs)),
        )
        for rate, pairs in rates.items()
    ]


def _median(measured: Mapping[str, Any]) -> float:
    milliseconds = float(measured["ms"]["median"])
    if not 0 < milliseconds < math.inf:
        raise ValueError(f"no time: {milliseconds}")
    return milliseconds
