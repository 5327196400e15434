# SPDX-License-Identifier: Apache-2.0
"""adb's list is read whatever adb prints around it, and the phone that is meant is found or asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfsparse.android.device_list import SERIAL_VARIABLE, AttachedPhone, choose, parse_devices
from tfsparse.errors import PhoneError

LISTING = """\
* daemon not running; starting now at tcp:5037
* daemon started successfully
List of devices attached
4f2a1b                 device usb:1-1 product:oriole model:Pixel_6 device:oriole transport_id:1
192.168.0.7:5555       offline product:x model:Y transport_id:2
adb-4f (2)._adb-tls-connect._tcp device model:Z transport_id:3
R58M\tunauthorized usb:1-2 transport_id:4
0123456789ABCDEF       no permissions (user in plugdev group; are your udev rules wrong?); see [http://x] usb:1-3
emulator-5554          device

"""


def test_every_phone_is_read():
    assert [(phone.serial, phone.state, phone.model) for phone in parse_devices(LISTING)] == [
        ("4f2a1b", "device", "Pixel 6"),
        ("192.168.0.7:5555", "offline", "Y"),
        ("adb-4f (2)._adb-tls-connect._tcp", "device", "Z"),
        ("R58M", "unauthorized", None),
        ("0123456789ABCDEF", "no permissions", None),
        ("emulator-5554", "device", None),
    ]


@given(st.text(max_size=200))
def test_anything_can_be_read(text):
    assert all(phone.serial for phone in parse_devices(text))


READY = [AttachedPhone("a", "device", None), AttachedPhone("b", "device", None)]
UNREADY = AttachedPhone("c", "unauthorized", None)


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv(SERIAL_VARIABLE, raising=False)


def test_the_only_phone_is_meant():
    assert choose([READY[0], UNREADY], [], every=False) == ["a"]


def test_all_are_those_that_are_ready():
    assert choose([*READY, UNREADY], [], every=True) == ["a", "b"]


def test_those_named_are_meant_once():
    assert choose(READY, ["b", "b"], every=False) == ["b"]


def test_the_variable_names_one(monkeypatch):
    monkeypatch.setenv(SERIAL_VARIABLE, "b")
    assert choose(READY, [], every=False) == ["b"]
    assert choose(READY, ["a"], every=False) == ["a"]
    assert choose(READY, [], every=True) == ["a", "b"]


@pytest.mark.parametrize(
    ("phones", "serials", "message"),
    [
        ([], [], "No phone is attached.*USB debugging"),
        (READY, [], "Several phones.*--serial.*a, b"),
        (READY, ["d"], "d is not attached.*a, b"),
        ([UNREADY], [], "not ready.*unauthorized.*tap Allow"),
        ([*READY, UNREADY], ["c"], "not ready"),
        ([AttachedPhone("e", "offline", None)], [], "Unplug"),
        ([AttachedPhone("e", "no permissions", None)], [], "plugdev"),
    ],
)
def test_what_is_not_clear_is_asked_for(phones, serials, message):
    with pytest.raises(PhoneError, match=message):
        choose(phones, serials, every=False)
