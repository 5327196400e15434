# SPDX-License-Identifier: Apache-2.0
"""Which phones are attached, and which of them are meant."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tfsparse.android.failures import OFFLINE_REMEDY, UNAUTHORIZED_REMEDY
from tfsparse.errors import PhoneError

READY = "device"
SERIAL_VARIABLE = "ANDROID_SERIAL"
"""Environment variable with the serial number of the phone to use, as adb itself reads it."""

_STATES = (
    READY, "offline", "unauthorized", "authorizing", "connecting", "no permissions", "bootloader", "recovery",
    "sideload", "rescue", "host", "unknown", "detached",
)  # fmt: skip
_LINE = re.compile(rf"^(?P<serial>\S.*?)\s+(?P<state>{'|'.join(_STATES)})(?=$|\s|\W)(?P<rest>.*)$")

_REMEDIES = {
    "unauthorized": UNAUTHORIZED_REMEDY,
    "authorizing": UNAUTHORIZED_REMEDY,
    "offline": OFFLINE_REMEDY,
    "no permissions": "Add yourself to the group plugdev and install the rules for USB (Debian: apt install "
    "android-sdk-platform-tools-common), then plug the phone in again.",
}


@dataclass(frozen=True)
class AttachedPhone:
    """A line of `adb devices -l`.

    Attributes:
        serial: Serial number, or address of a phone in the network.
        state: `device` where it is ready, or what is in the way.
        model: Name that adb shows, or `None`.
    """

    serial: str
    state: str
    model: str | None


def parse_devices(text: str) -> list[AttachedPhone]:
    """Reads what `adb devices -l` prints; lines of other kinds are skipped.

    Example:

    >>> parse_devices("List of devices attached\\n4f2   device usb:1-1 model:Pixel_6 transport_id:1\\n")
    [AttachedPhone(serial='4f2', state='device', model='Pixel 6')]
    """
    phones = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match is None or line.startswith(("*", "List of devices")):
            continue
        model = re.search(r"\bmodel:(\S+)", match["rest"])
        name = model[1].replace("_", " ") if model else None
        phones.append(AttachedPhone(match["serial"], match["state"], name))
    return phones


def choose(phones: Sequence[AttachedPhone], serials: Sequence[str], every: bool) -> list[str]:
    """The serial numbers of the phones that are meant.

    Args:
        phones: What is attached.
        serials: What the user named; nothing for the only phone there is, or what ANDROID_SERIAL names.
        every: Whether all phones that are ready are meant.

    Raises:
        PhoneError: None is attached or ready, one that is meant is not, or it is not clear which is meant.
    """
    named = list(dict.fromkeys(serials)) or ([] if every else [s for s in [os.environ.get(SERIAL_VARIABLE)] if s])
    if not phones:
        raise PhoneError(
            "No phone is attached.",
            remedy="Plug one in, switch on USB debugging in its developer options (tap 'Build number' in 'About phone' "
            "seven times to get these), and look at `tfsparse android devices`.",
        )
    if named:
        return [_ready(phones, serial) for serial in named]
    ready = [phone.serial for phone in phones if phone.state == READY]
    if len(ready) > 1 and not every:
        raise PhoneError(
            "Several phones are attached.",
            expected="--serial, once for each that is meant, or --all",
            received=", ".join(ready),
        )
    return ready or [_ready(phones, phones[0].serial)]


def _ready(phones: Sequence[AttachedPhone], serial: str) -> str:
    phone = next((phone for phone in phones if phone.serial == serial), None)
    if phone is None:
        attached = ", ".join(phone.serial for phone in phones)
        raise PhoneError(f"Phone {serial} is not attached.", expected="one of those attached", received=attached)
    if phone.state != READY:
        raise PhoneError(
            f"Phone {serial} is not ready.",
            expected=f"state '{READY}'",
            received=phone.state,
            remedy=_REMEDIES.get(phone.state),
        )
    return serial
