# SPDX-License-Identifier: Apache-2.0
"""What a phone tells about itself: model, processor, Android, battery, heat, and whether the app is there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tfsparse.android.adb import Connection
from tfsparse.android.layout import PACKAGE, THERMAL

_SOC_PROPERTIES = ("ro.soc.model", "ro.board.platform", "ro.hardware")
"""The first is Android 12's; older phones name their platform."""

_POWER_SOURCES = ("AC", "USB", "Wireless", "Dock")


@dataclass(frozen=True)
class PhoneState:
    """A phone as it is now; `None` stands for what it does not tell.

    Attributes:
        serial: Serial number.
        state: As adb names it; where it is not `device`, nothing else is known.
        model: Maker and name.
        soc: Name of the processor or its platform.
        android: Version of Android.
        api_level: Its API level.
        abis: What it can run, the best first.
        cores: Logical cores.
        battery_percent: Charge of the battery.
        battery_celsius: Its temperature.
        charging: Whether it gets power.
        thermal: Android's thermal status.
        app: Version of the benchmark app, or `None` where it is not installed.
    """

    serial: str
    state: str
    model: str | None = None
    soc: str | None = None
    android: str | None = None
    api_level: int | None = None
    abis: Sequence[str] = ()
    cores: int | None = None
    battery_percent: int | None = None
    battery_celsius: float | None = None
    charging: bool | None = None
    thermal: str | None = None
    app: str | None = None


def read_state(phone: Connection) -> PhoneState:
    """Asks a phone that is ready.

    Args:
        phone: The phone.

    Raises:
        PhoneError: It cannot be asked.
    """
    properties = parse_properties(phone.shell("getprop"))
    battery = phone.run(["dumpsys", "battery"]).text
    level, tenths = _number(r"^\s*level: (\d+)", battery), _number(r"^\s*temperature: (-?\d+)", battery)
    powered = re.findall(rf"^\s*(?:{'|'.join(_POWER_SOURCES)}) powered: (true|false)", battery, re.MULTILINE)
    maker, name = properties.get("ro.product.manufacturer", ""), properties.get("ro.product.model", "")
    return PhoneState(
        serial=phone.serial,
        state="device",
        model=f"{maker} {name}".strip() or None,
        soc=next((properties[key] for key in _SOC_PROPERTIES if properties.get(key)), None),
        android=properties.get("ro.build.version.release"),
        api_level=_number(r"^(\d+)$", properties.get("ro.build.version.sdk", "")),
        abis=[abi for abi in properties.get("ro.product.cpu.abilist", "").split(",") if abi],
        cores=count_cores(phone.run(["cat", "/sys/devices/system/cpu/present"]).text),
        battery_percent=level,
        battery_celsius=None if tenths is None else tenths / 10,
        charging="true" in powered if powered else None,
        thermal=parse_thermal(phone.run(["dumpsys", "thermalservice"]).text),
        app=app_version(phone),
    )


def app_version(phone: Connection) -> str | None:
    """Version of the benchmark app, or `None` where it is not installed."""
    found = re.search(r"^\s*versionName=(\S+)", phone.run(["dumpsys", "package", PACKAGE]).text, re.MULTILINE)
    return found[1] if found else None


def parse_properties(text: str) -> dict[str, str]:
    """Reads what `getprop` prints.

    Example:

    >>> parse_properties("[ro.product.model]: [Pixel 6]\\n[empty]: []\\n")
    {'ro.product.model': 'Pixel 6', 'empty': ''}
    """
    return dict(re.findall(r"^\[([^\]\n]*)\]: \[(.*?)\]$", text, re.MULTILINE | re.DOTALL))


def parse_thermal(text: str) -> str | None:
    """The thermal status that `dumpsys thermalservice` tells, which Android 10 and newer ones do.

    Example:

    >>> parse_thermal("IsStatusOverride: false\\nThermal Status: 2\\n")
    'moderate'
    """
    status = _number(r"^\s*Thermal Status: (\d+)", text)
    return THERMAL[status] if status is not None and status < len(THERMAL) else None


def count_cores(text: str) -> int | None:
    """Cores in a list of Linux.

    Example:

    >>> count_cores("0-3,6"), count_cores("none")
    (5, None)
    """
    ranges = re.fullmatch(r"\s*(\d{1,4}(?:-\d{1,4})?(?:,\d{1,4}(?:-\d{1,4})?)*)\s*", text)
    if ranges is None:
        return None
    bounds = [[int(number) for number in part.split("-")] for part in ranges[1].split(",")]
    return sum(part[-1] - part[0] + 1 for part in bounds)


def _number(pattern: str, text: str) -> int | None:
    found = re.search(pattern, text, re.MULTILINE)
    return int(found[1]) if found and len(found[1]) < 10 else None
