# SPDX-License-Identifier: Apache-2.0
"""The cores are described as far as the system tells."""

from __future__ import annotations

import os

import pytest

from tfsparse.bench.cpus import Cpu, describe_cpus, usable_cores


def core(folder, number, **files):
    frequencies = folder / f"cpu{number}" / "cpufreq"
    frequencies.mkdir(parents=True)
    for name, text in files.items():
        (frequencies / name).write_text(text)


def test_cores_come_in_their_order(tmp_path):
    for number in (0, 2, 10):
        core(tmp_path, number, cpuinfo_max_freq=f"{1000 + number}\n")
    (tmp_path / "cpufreq").mkdir()
    (tmp_path / "cpuidle").mkdir()
    assert [cpu.max_khz for cpu in describe_cpus(tmp_path)] == [1000, 1002, 1010]


def test_everything_that_is_told_is_read(tmp_path):
    core(tmp_path, 0, cpuinfo_max_freq="1803000\n", scaling_cur_freq="576000\n", scaling_governor="schedutil\n")
    assert describe_cpus(tmp_path) == [Cpu(max_khz=1_803_000, khz=576_000, governor="schedutil")]


def test_what_is_not_told_is_unknown(tmp_path):
    core(tmp_path, 0, scaling_cur_freq="<unknown>\n", scaling_governor="\n")
    assert describe_cpus(tmp_path) == [Cpu(max_khz=None, khz=None, governor=None)]
    assert describe_cpus(tmp_path / "none") == []


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_usable_cores_are_those_of_the_process():
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert usable_cores() == [min(before)]
    finally:
        os.sched_setaffinity(0, before)
