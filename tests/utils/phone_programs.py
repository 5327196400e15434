# SPDX-License-Identifier: Apache-2.0
"""The programs of Android that the desk calls, for a folder in place of a phone: `phone_programs.py NAME ARGUMENT...`.

`am start` hands the extras to the program that TFSPARSE_APP_STAND_IN names, as `PROGRAM EXTRAS.json PHONE_FOLDER`, and
goes on while it runs. The program must behave as the app does: write REQUEST.json or REQUEST.error.json into
`PHONE_FOLDER/root/sdcard/Android/data/dev.tfsparse.bench/files/results`, and its line into `PHONE_FOLDER/log`; models
and data lie in `PHONE_FOLDER/root/data/local/tmp/tfsparse`. Without the variable `app_stand_in.py` does it. `am
instrument -w` adds the word `instrument`, waits, and prints what the program prints.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

PHONE = Path(os.environ.get("PHONE", "."))
PROCESS = PHONE / "process"
PACKAGE = "dev.tfsparse.bench"
RUNNER = "dev.tfsparse.bench.test/.BenchRunner"


def state() -> dict:
    """What the phone is."""
    return json.loads((PHONE / "state.json").read_text())


def running() -> int | None:
    """Process of the app."""
    try:
        process = int(PROCESS.read_text())
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError):
        return None
    return None if state == "Z" else process


def getprop(name: str | None = None) -> int:
    if name is not None:
        print(state()["properties"].get(name, ""))
    else:
        for key, value in state()["properties"].items():
            print(f"[{key}]: [{value}]")
    return 0


def dumpsys(service: str, *words: str) -> int:
    if service == "battery":
        print("Current Battery Service state:\n  AC powered: false\n  USB powered: true")
        print(f"  level: {state()['battery']}\n  scale: 100\n  temperature: 281")
    elif service == "thermalservice" and state()["thermal"] is not None:
        print(f"IsStatusOverride: false\nThermal Status: {state()['thermal']}")
    elif service == "package" and state()["app"]:
        print(f"Packages:\n  Package [{words[0]}]\n    versionName={state()['app']}")
    else:
        print(f"Can't find service: {service}")
    return 0


def am(verb: str, *words: str) -> int:
    if verb == "force-stop" or "-S" in words:
        stop()
    if verb == "start":
        return start(words)
    return instrument(words) if verb == "instrument" else 0


def start(words: tuple[str, ...]) -> int:
    action = words[words.index("-a") + 1]
    print(f"Starting: Intent {{ act={action} cmp={words[words.index('-n') + 1]} (has extras) }}")
    if not state()["app"]:
        print(f"Error type 3\nError: Activity class {{{PACKAGE}/{PACKAGE}.MainActivity}} does not exist.")
        return 1
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(app(words, "--es"), start_new_session=True, **quiet)
    PROCESS.write_text(str(process.pid))
    return 0


def instrument(words: tuple[str, ...]) -> int:
    if words[-1] != RUNNER:
        print(f"INSTRUMENTATION_FAILED: {words[-1]}")
        return 1
    return subprocess.run([*app(words, "-e"), "instrument"], check=False).returncode


def app(words: tuple[str, ...], flag: str) -> list[str]:
    """The command that does what the app does with the extras that follow this flag."""
    path = PHONE / "extras.json"
    path.write_text(json.dumps({words[i + 1]: words[i + 2] for i, word in enumerate(words) if word == flag}))
    default = f"{sys.executable} {Path(__file__).with_name('app_stand_in.py')}"
    return [*os.environ.get("TFSPARSE_APP_STAND_IN", default).split(), str(path), str(PHONE)]


def stop() -> None:
    process = running()
    if process is not None:
        os.killpg(process, signal.SIGKILL)
    PROCESS.unlink(missing_ok=True)


def pidof(package: str) -> int:
    process = running()
    if process is None or package != PACKAGE:
        return 1
    print(process)
    return 0


def pkill(name: str) -> int:
    """Programs are not ended here: the stand-in ends what it started when its own process ends."""
    return 0 if name else 1


def keyevent(*_: str) -> int:
    return 0


def logcat(*_: str) -> int:
    log = PHONE / "log"
    print(log.read_text() if log.exists() else "", end="")
    return 0


PROGRAMS = {
    "getprop": getprop, "dumpsys": dumpsys, "am": am, "pidof": pidof, "pkill": pkill, "input": keyevent,
    "logcat": logcat,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(PROGRAMS[sys.argv[1]](*sys.argv[2:]))
