# SPDX-License-Identifier: Apache-2.0
"""Folders in place of phones, and an `adb` that reaches them."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

UTILS = Path(__file__).parent
REPOSITORY = UTILS.parent.parent

PROGRAMS = ("getprop", "dumpsys", "am", "pidof", "pkill", "input", "logcat")
PROPERTIES = {
    "ro.product.manufacturer": "Maker", "ro.product.model": "Phone 1", "ro.soc.model": "SoC9",
    "ro.build.version.release": "14", "ro.build.version.sdk": "34", "ro.product.cpu.abilist": "arm64-v8a,armeabi-v7a",
    "sys.boot_completed": "1",
}  # fmt: skip


class Phones:
    """A desk with phones; `adb` is the program that reaches them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.adb = str(folder / "adb")
        (folder / "phones").mkdir(parents=True)
        _script(folder / "adb", f"ADB_STAND_IN='{folder}' PYTHONPATH='{REPOSITORY}' exec {sys.executable} "
                                f"{UTILS / 'adb_stand_in.py'} \"$@\"")  # fmt: skip

    def add(self, serial: str = "phone1", app: str | None = "0.1.0", **state: Any) -> Path:
        """Attaches a phone; returns its folder."""
        phone = self._folder(serial)
        files = "sdcard/Android/data/dev.tfsparse.bench/files"
        for inner in ("data/local/tmp", "sys/devices/system/cpu", "system/bin", *([files] if app else [])):
            (phone / "root" / inner).mkdir(parents=True)
        (phone / "root/sys/devices/system/cpu/present").write_text("0-7\n")
        for name in PROGRAMS:
            program = f'exec {sys.executable} {UTILS / "phone_programs.py"} {name} "$@"'
            _script(phone / "root/system/bin" / name, program)
        facts = {"serial": serial, "state": "device", "properties": PROPERTIES, "battery": 85, "thermal": 0, "app": app}
        (phone / "state.json").write_text(json.dumps({**facts, **state}))
        return phone

    def fault(self, serial: str, *faults: dict[str, Any]) -> None:
        """What shall go wrong with a phone, as `adb_stand_in.take_fault` says."""
        (self._folder(serial) / "faults.json").write_text(json.dumps(faults))

    def change(self, serial: str, **state: Any) -> None:
        """Makes a phone another one."""
        path = self._folder(serial) / "state.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **state}))

    def root(self, serial: str = "phone1") -> Path:
        """Files of a phone."""
        return self._folder(serial) / "root"

    def _folder(self, serial: str) -> Path:
        return self.folder / "phones" / serial.replace(":", "_")

    def results(self, serial: str = "phone1") -> Path:
        """Where the app of a phone writes."""
        return self.root(serial) / "sdcard/Android/data/dev.tfsparse.bench/files/results"

    def calls(self) -> list[list[str]]:
        """Arguments of every call of adb so far."""
        log = self.folder / "calls.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _script(path: Path, text: str) -> None:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
