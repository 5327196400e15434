# SPDX-License-Identifier: Apache-2.0
"""What the system tells about the cores: how fast they may run, how fast they do, and who decides."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_CPUS = Path("/sys/devices/system/cpu")


@dataclass(frozen=True)
class Cpu:
    """One core.

    Attributes:
        max_khz: Highest frequency, or `None` where the system does not tell.
        khz: Frequency now.
        governor: What chooses the frequency, such as `schedutil` or `performance`.
    """

    max_khz: int | None
    khz: int | None
    governor: str | None


def describe_cpus(folder: Path = _CPUS) -> list[Cpu]:
    """Every core in the system's order; none where the system does not list them.

    Args:
        folder: Where Linux lists them.
    """
    cores = [path for path in folder.glob("cpu[0-9]*") if path.name[3:].isdecimal()]
    return [_describe(path / "cpufreq") for path in sorted(cores, key=lambda path: int(path.name[3:]))]


def usable_cores() -> list[int] | None:
    """Numbers of the cores that this process may use, or `None` where the system does not tell."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def _describe(folder: Path) -> Cpu:
    return Cpu(
        max_khz=_number(folder / "cpuinfo_max_freq"),
        khz=_number(folder / "scaling_cur_freq"),
        governor=_text(folder / "scaling_governor"),
    )


def _number(path: Path) -> int | None:
    text = _text(path)
    return int(text) if text is not None and text.isdecimal() else None


def _text(path: Path) -> str | None:
    try:
        return path.read_text().strip() or None
    except OSError:
        return None
