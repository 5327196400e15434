# SPDX-License-Identifier: Apache-2.0
"""`tfsparse android devices`: the phones that are attached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfsparse.cli.android_options import AdbPath
from tfsparse.cli.console import err, out, plain_table, report
from tfsparse.cli.options import Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tfsparse.android.adb import Adb
    from tfsparse.android.device_list import AttachedPhone
    from tfsparse.android.phone_state import PhoneState


@dataclass(frozen=True)
class _Phones:
    phones: Sequence[PhoneState]


def android_devices(adb: AdbPath = None, json: Json = None) -> None:
    """List the phones that are attached, ready or not.

    Examples:

        tfsparse android devices

        tfsparse android devices --json phones.json
    """
    from tfsparse.android.adb import Adb

    driver = Adb(adb)
    found = _Phones([_state(driver, phone) for phone in driver.devices()])
    report(found, json, lambda: _print(found.phones))


def _state(adb: Adb, phone: AttachedPhone) -> PhoneState:
    from tfsparse.android.device_list import READY
    from tfsparse.android.phone_state import PhoneState, read_state
    from tfsparse.errors import PhoneError

    if phone.state != READY:
        return PhoneState(phone.serial, phone.state, phone.model)
    try:
        return read_state(adb.connection(phone.serial))
    except PhoneError as error:
        err.print(f"Note: {error}", style="yellow", soft_wrap=True)
        return PhoneState(phone.serial, "does not answer", phone.model)


def _print(phones: Sequence[PhoneState]) -> None:
    if not phones:
        out.print("No phone is attached. Plug one in and switch on USB debugging in its developer options.")
        return
    table = plain_table()
    for column in ("serial", "state", "model", "processor", "Android", "ABIs"):
        table.add_column(column, overflow="fold")
    table.add_column("cores", justify="right")
    for column in ("battery", "thermal", "app"):
        table.add_column(column)
    for phone in phones:
        table.add_row(phone.serial, phone.state, *_cells(phone))
    out.print(table)


def _cells(phone: PhoneState) -> list[str]:
    android = "" if phone.android is None else f"{phone.android} (API {phone.api_level})"
    app = "not installed" if phone.state == "device" else ""
    return [
        phone.model or "",
        phone.soc or "",
        android,
        " ".join(phone.abis),
        "" if phone.cores is None else str(phone.cores),
        _battery(phone),
        phone.thermal or "",
        phone.app or app,
    ]


def _battery(phone: PhoneState) -> str:
    parts = [
        "" if phone.battery_percent is None else f"{phone.battery_percent} %",
        "" if phone.battery_celsius is None else f"{phone.battery_celsius:.1f} °C",
        "charging" if phone.charging else "",
    ]
    return ", ".join(part for part in parts if part)
