# SPDX-License-Identifier: Apache-2.0
"""What is known about the machine that measures, and how much memory this process takes."""

from __future__ import annotations

import ctypes
import os
import platform
from dataclasses import dataclass
from pathlib import Path

from tfsparse.bench.cpus import Cpu, describe_cpus, usable_cores

_STATUS = Path("/proc/self/status")
_CLEAR_REFS = Path("/proc/self/clear_refs")
_RESET_PEAK = "5"


@dataclass(frozen=True)
class Phone:
    """What a phone adds to `Machine`: what its speed depends on besides the processor.

    Attributes:
        api_level: Android's API level.
        abi: Of the process that measured, such as `arm64-v8a`.
        battery_percent: Charge of the battery.
        battery_celsius: Its temperature.
        charging: Whether it is being charged.
        power_save: Whether the phone saves its battery.
        thermal_before: Android's thermal status when the measurement began: `none`, `light`, `moderate`, `severe`,
            `critical`, `emergency` or `shutdown`.
        thermal_after: Thermal status when it ended.
        waited_to_cool_s: Seconds spent on waiting for the phone to cool.
    """

    api_level: int
    abi: str
    battery_percent: int | None
    battery_celsius: float | None
    charging: bool | None
    power_save: bool | None
    thermal_before: str | None
    thermal_after: str | None
    waited_to_cool_s: float


@dataclass(frozen=True)
class Machine:
    """The device, for the reader of a result.

    Attributes:
        device: Name of the computer's or phone's model; the host name where that is unknown.
        soc: Name of the processor.
        architecture: Its instruction set, such as `x86_64` or `aarch64`.
        cores: Logical cores.
        system: Operating system and version.
        load: Average number of runnable processes over the last minute, or `None` where it is unknown.
        cpus: Every core; empty where the system does not list them.
        affinity: Numbers of the cores that the process may use, or `None` where that is unknown.
        phone: What a phone adds, or `None` on any other machine.
    """

    device: str
    soc: str
    architecture: str
    cores: int
    system: str
    load: float | None
    cpus: list[Cpu]
    affinity: list[int] | None
    phone: Phone | None


def describe_machine() -> Machine:
    """Describes this machine."""
    return Machine(
        device=_first_line("/sys/devices/virtual/dmi/id/product_name", "/proc/device-tree/model") or platform.node(),
        soc=_cpu_name() or platform.processor() or platform.machine(),
        architecture=platform.machine(),
        cores=os.cpu_count() or 1,
        system=f"{platform.system()} {platform.release()}",
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        cpus=describe_cpus(),
        affinity=usable_cores(),
        phone=None,
    )


def _first_line(*paths: str) -> str | None:
    for path in paths:
        try:
            return Path(path).read_text().strip("\0\n ") or None
        except OSError:
            continue
    return None


def _cpu_name() -> str | None:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return None
    named = (line.partition(":")[2].strip() for line in lines if line.startswith(("model name", "Hardware")))
    return next(named, None)


class PeakMemory:
    """The most memory that the process held more than at the start of the `with` block, in bytes.

    `bytes` is `None` after the block where the system does not tell (anything but Linux).

    Example:

    >>> with PeakMemory() as peak:
    ...     _ = bytearray(10_000_000)
    >>> peak.bytes is None or peak.bytes > 9_000_000
    True
    """

    bytes: int | None = None

    def __enter__(self) -> PeakMemory:
        _trim_heap()
        self._before = _memory("VmRSS")
        try:
            _CLEAR_REFS.write_text(_RESET_PEAK)
        except OSError:
            self._before = None
        return self

    def __exit__(self, *_: object) -> None:
        peak = _memory("VmHWM")
        if self._before is not None and peak is not None:
            self.bytes = max(0, peak - self._before)


def _trim_heap() -> None:
    """Gives freed memory back to the system: taking it again would not show as growth."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of glibc alone
    if trim is not None:
        trim(0)


def _memory(field: str) -> int | None:
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(field + ":")), None)
