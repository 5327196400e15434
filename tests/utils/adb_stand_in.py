# SPDX-License-Identifier: Apache-2.0
"""A program that behaves like `adb`, with a folder in place of each phone.

The folder that ADB_STAND_IN names holds `phones/SERIAL/`: `state.json` (what the phone is), `faults.json` (what goes
wrong with it, see `take_fault`), `root/` (its files). `shell` hands its text to this machine's `sh`, after putting the
phone's folder in front of the phone's paths; so whatever is quoted badly goes wrong here as it would there. Programs
for 64-bit Arm run under qemu. What Android itself brings is in `phone_programs.py`.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

FOLDER = Path(os.environ.get("ADB_STAND_IN", "."))
PHONE_PATHS = re.compile(r"(?<![\w/.-])/(?=(?:data/local/tmp|sdcard|sys/devices/system/cpu)\b)")
AARCH64 = b"\xb7\x00"


def phone_folder(serial: str) -> Path:
    return FOLDER / "phones" / serial.replace(":", "_")


@contextlib.contextmanager
def locked():
    """Several calls at once see each other's changes."""
    with open(FOLDER / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_state(serial: str) -> dict:
    state = json.loads((phone_folder(serial) / "state.json").read_text())
    if state.get("absent_until", 0) > time.time():
        state["state"] = "absent"
    return state


def change_state(serial: str, **changes) -> None:
    path = phone_folder(serial) / "state.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def take_fault(serial: str, command: str) -> dict | None:
    """The first fault that is meant for this command and not used up.

    Keys: `match`, a regular expression; `times`, how often; `do`: `vanish` (for `seconds`, `after` so many), `garbage`,
    `slow` (by `seconds`), `fail` (with `text`).
    """
    path = phone_folder(serial) / "faults.json"
    with locked():
        faults = json.loads(path.read_text()) if path.exists() else []
        for fault in faults:
            if fault.get("times", 1) > 0 and re.search(fault["match"], command):
                fault["times"] = fault.get("times", 1) - 1
                path.write_text(json.dumps(faults))
                return fault
    return None


def vanish(serial: str, fault: dict) -> None:
    with locked():
        change_state(serial, absent_until=time.time() + fault.get("seconds", 1))


def fail(message: str, status: int = 1) -> int:
    print(message, file=sys.stderr)
    return status


def devices() -> int:
    print("List of devices attached")
    for folder in sorted((FOLDER / "phones").glob("*")):
        state = json.loads((folder / "state.json").read_text())
        serial, state = state["serial"], read_state(state["serial"])
        if state["state"] != "absent":
            model = state["properties"]["ro.product.model"].replace(" ", "_")
            print(f"{serial:<22} {state['state']} usb:1-1 product:stand_in model:{model} transport_id:1")
    print()
    return 0


def unreachable(serial: str) -> int | None:
    """Exit status where the phone cannot be asked, after adb's own words."""
    if not phone_folder(serial).is_dir() or read_state(serial)["state"] == "absent":
        return fail(f"error: device '{serial}' not found")
    if read_state(serial)["state"] == "unauthorized":
        return fail("error: device unauthorized.\nOtherwise check for a confirmation dialog on your device.")
    if read_state(serial)["state"] == "offline":
        return fail("error: device offline")
    return None


def shell(serial: str, words: list[str], fault: dict) -> int:
    root = phone_folder(serial) / "root"
    script = PHONE_PATHS.sub(lambda _: f"{root}/", " ".join(words))
    program = Path(script.split(" ")[0])
    if program.is_file() and program.read_bytes()[:4] == b"\x7fELF" and program.read_bytes()[18:20] == AARCH64:
        script = f"qemu-aarch64-static {script}"
    path = f"{root}/system/bin:{os.environ['PATH']}"
    process = subprocess.Popen(
        ["sh", "-c", script],
        cwd=root,
        env={**os.environ, "PATH": path, "PHONE": str(phone_folder(serial))},
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        if fault.get("do") == "vanish":
            time.sleep(fault.get("after", 0))
            vanish(serial, fault)
            os.killpg(process.pid, signal.SIGKILL)
            return fail("", 255)
        content, _ = process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    if fault.get("do") == "garbage":
        content = bytes(range(256))
    sys.stdout.buffer.write(content)
    return process.returncode


def copy(serial: str, source: str, target: str, fault: dict, pushing: bool) -> int:
    phone_path = Path(PHONE_PATHS.sub(f"{phone_folder(serial)}/root/", target if pushing else source))
    source, target = (source, phone_path) if pushing else (phone_path, target)
    if fault.get("do") == "vanish":
        Path(target).write_bytes(Path(source).read_bytes()[: Path(source).stat().st_size // 2])
        vanish(serial, fault)
        return fail(f"adb: error: failed to copy '{source}' to '{target}': couldn't read from device")
    if not Path(source).is_file():
        return fail(f"adb: error: failed to stat remote object '{source}': No such file or directory")
    if pushing and not phone_path.parent.is_dir():
        return fail(f"adb: error: failed to copy '{source}' to '{target}': remote couldn't create file")
    shutil.copyfile(source, target)
    if fault.get("do") == "garbage":
        Path(target).write_bytes(os.urandom(Path(target).stat().st_size))
    print(f"{source}: 1 file, 0 skipped.")
    return 0


def install(serial: str, apk: str) -> int:
    if not Path(apk).is_file():
        return fail(f"adb: failed to stat {apk}: No such file or directory")
    with locked():
        change_state(serial, app="0.1.0")
    (phone_folder(serial) / "root/sdcard/Android/data/dev.tfsparse.bench/files").mkdir(parents=True, exist_ok=True)
    print("Performing Streamed Install\nSuccess")
    return 0


def main(arguments: list[str]) -> int:
    with open(FOLDER / "calls.log", "a") as log:
        log.write(json.dumps(arguments) + "\n")
    if arguments[0] == "devices":
        return devices()
    if arguments[0] == "connect":
        print(f"connected to {arguments[1]}")
        return 0
    dash, serial, verb, *rest = arguments
    if dash != "-s":
        return fail("this stand-in wants -s SERIAL", 2)
    status = unreachable(serial)
    if status is not None:
        return status
    fault = take_fault(serial, " ".join([verb, *rest])) or {}
    if fault.get("do") == "slow":
        time.sleep(fault["seconds"])
    if fault.get("do") == "fail":
        return fail(fault["text"])
    if verb == "shell":
        return shell(serial, rest, fault)
    if verb in ("push", "pull"):
        return copy(serial, *rest, fault, pushing=verb == "push")
    if verb == "install":
        return install(serial, rest[-1])
    return fail(f"adb: unknown command {verb}")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main(sys.argv[1:]))
