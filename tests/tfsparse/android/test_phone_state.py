# SPDX-License-Identifier: Apache-2.0
"""What a phone tells is read, and what it does not tell is unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfsparse.android.adb import Adb
from tfsparse.android.phone_state import PhoneState, count_cores, parse_properties, parse_thermal, read_state


def test_everything_is_told(phone):
    assert read_state(phone) == PhoneState(
        serial="phone1", state="device", model="Maker Phone 1", soc="SoC9", android="14", api_level=34,
        abis=["arm64-v8a", "armeabi-v7a"], cores=8, battery_percent=85, battery_celsius=28.1, charging=True,
        thermal="none", app="0.1.0",
    )  # fmt: skip


def test_an_old_phone_tells_little(phones):
    phones.add("old", app=None, properties={"ro.hardware": "qcom"}, thermal=None)
    (phones.root("old") / "sys/devices/system/cpu/present").unlink()
    state = read_state(Adb(phones.adb).connection("old"))
    assert (state.model, state.soc, state.api_level, state.abis) == (None, "qcom", None, [])
    assert (state.cores, state.thermal, state.app) == (None, None, None)


@pytest.mark.parametrize(("text", "cores"), [("0", 1), ("0-7\n", 8), ("0-3,5,7-8", 7), ("", None), ("7-", None)])
def test_cores_are_counted(text, cores):
    assert count_cores(text) == cores


def test_properties_may_have_several_lines():
    assert parse_properties("[a]: [1\n2]\n[b]: [x]y]\nnonsense\n") == {"a": "1\n2", "b": "x]y"}


@given(st.text(max_size=100))
def test_any_text_can_be_read(text):
    assert isinstance(parse_properties(text), dict)
    assert parse_thermal(text) is None or "Thermal" in text
    assert count_cores(text) is None or any(map(str.isdecimal, text))
