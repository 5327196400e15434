# SPDX-License-Identifier: Apache-2.0
"""The machine is described, and memory is measured from here on, not from the start of the process."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tfsparse.bench.machine import PeakMemory, describe_machine

MEGABYTE = 1_000_000


def test_machine_has_a_name_and_cores():
    machine = describe_machine()
    assert machine.soc
    assert machine.device
    assert machine.cores >= 1
    assert machine.phone is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the peak")
def test_peak_memory_counts_what_is_freed_again_but_not_what_was_before():
    before = np.ones(50 * MEGABYTE, np.uint8)
    with PeakMemory() as first:
        np.ones(30 * MEGABYTE, np.uint8).sum()
    with PeakMemory() as second:
        np.ones(10 * MEGABYTE, np.uint8).sum()
    assert before.sum() == 50 * MEGABYTE
    assert 29 * MEGABYTE < first.bytes < 45 * MEGABYTE
    assert 9 * MEGABYTE < second.bytes < 25 * MEGABYTE
