# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from tests.utils.tfmot import sparsity_module
from tfsparse.errors import InvalidArgumentError
from tfsparse.schedules import PolynomialDecay
from tfsparse.schedules.protocol import latest_update, read_schedule


def test_reads_schedules_of_tfmot():
    schedule = sparsity_module().PolynomialDecay(0.0, 0.5, begin_step=0, end_step=10, frequency=5)
    assert read_schedule(schedule, 10) == (True, 0.5)
    assert read_schedule(schedule, 3)[0] is False


@pytest.mark.parametrize("result", [0.5, None, (True, 0.5, 1), "ab"])
def test_refuses_what_is_no_pair(result):
    with pytest.raises(InvalidArgumentError, match=r"pair \(should_update, sparsity\)"):
        read_schedule(lambda step: result, 0)


def test_no_update_is_missed():
    schedule = PolynomialDecay(0.0, 0.8, begin_step=0, end_step=100, power=1, frequency=10)
    assert latest_update(schedule, 5, 9) is None
    assert latest_update(schedule, 5, 10) == pytest.approx(0.08)
    assert latest_update(schedule, 5, 39) == pytest.approx(0.24)
    assert latest_update(schedule, 90, 5000) == pytest.approx(0.8)
    assert latest_update(schedule, 100, 5000) is None
