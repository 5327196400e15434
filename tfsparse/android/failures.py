# SPDX-License-Identifier: Apache-2.0
"""What adb says when something goes wrong, and what it means for the reader."""

from __future__ import annotations

from dataclasses import dataclass

from tfsparse.errors import PhoneError, PhoneLostError

LOST, REFUSED = PhoneLostError, PhoneError


@dataclass(frozen=True)
class _Failure:
    """A message of adb, or of a command on the phone, by a part of its text."""

    text: str
    kind: type[PhoneError]
    problem: str
    remedy: str | None = None


UNAUTHORIZED_REMEDY = (
    "Unlock the phone, tick 'Always allow from this computer' in the dialog 'Allow USB debugging?', and tap Allow; if "
    "there is no dialog, unplug the phone, or revoke USB debugging authorizations in its developer options."
)
OFFLINE_REMEDY = "Unplug the phone and plug it in again, unlock it, or run `adb reconnect offline`."
_SPACE_REMEDY = "Free storage on the phone; `tfsparse android pull --remove` deletes results that are safe here."

_FAILURES = (
    _Failure("unauthorized", REFUSED, "does not trust this computer", UNAUTHORIZED_REMEDY),
    _Failure("device offline", LOST, "is offline", OFFLINE_REMEDY),
    _Failure("' not found", LOST, "is not attached", "Plug it in and look at `tfsparse android devices`."),
    _Failure("device still authorizing", LOST, "is not ready yet"),
    _Failure("device still connecting", LOST, "is not ready yet"),
    _Failure("no devices/emulators", LOST, "is not attached", "Plug it in and look at `tfsparse android devices`."),
    _Failure("error: closed", LOST, "closed the connection"),
    _Failure("connect failed: closed", LOST, "closed the connection"),
    _Failure("protocol fault", LOST, "broke the connection"),
    _Failure("couldn't read from device", LOST, "broke the connection"),
    _Failure("failed to read copy response", LOST, "broke the connection"),
    _Failure("connection reset", LOST, "broke the connection"),
    _Failure("cannot connect to daemon", REFUSED, "cannot be asked: adb's server does not start",
             "Run `adb start-server`."),
    _Failure("No space left on device", REFUSED, "has no space left", _SPACE_REMEDY),
    _Failure("INSUFFICIENT_STORAGE", REFUSED, "has no space left for the app", _SPACE_REMEDY),
    _Failure("UPDATE_INCOMPATIBLE", REFUSED, "has the app from another builder, signed with another key",
             "Uninstall it first, which deletes its results: pull them, then `adb uninstall dev.tfsparse.bench`."),
    _Failure("VERSION_DOWNGRADE", REFUSED, "has a newer version of the app", "Build the app from this version."),
    _Failure("NO_MATCHING_ABIS", REFUSED, "has a processor that the app was not built for",
             "Build the app for the phone's ABI, which `tfsparse android devices` lists."),
    _Failure("OLDER_SDK", REFUSED, "runs an Android older than 6.0, which the app needs"),
    _Failure("USER_RESTRICTED", REFUSED, "does not allow installing over USB",
             "Allow 'Install via USB' in its developer options, and confirm the dialog on its screen."),
    _Failure("Permission denied", REFUSED, "denied access"),
)  # fmt: skip


def adb_failure(serial: str, output: str) -> PhoneError:
    """The error that adb's words stand for.

    Args:
        serial: The phone.
        output: What adb or the phone printed.

    Example:

    >>> print(adb_failure("4f2", "error: device offline"))
    Phone 4f2 is offline. Received: error: device offline. Unplug the phone and plug it in again, unlock it, or run \
`adb reconnect offline`.
    """
    known = known_failure(serial, output)
    return known or PhoneError(f"Phone {serial} refused a command.", received=shortened(output) or "no message")


def known_failure(serial: str, output: str) -> PhoneError | None:
    """The error that adb's words stand for, or `None` where they are unknown."""
    for failure in _FAILURES:
        if failure.text.lower() in output.lower():
            return failure.kind(f"Phone {serial} {failure.problem}.", received=shortened(output), remedy=failure.remedy)
    return None


def shortened(output: str) -> str:
    """The last lines: adb prints what went wrong at the end. The period comes from the error's own sentence."""
    return " ".join(output.split())[-300:].rstrip(".")
