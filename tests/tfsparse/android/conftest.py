# SPDX-License-Identifier: Apache-2.0
"""What the tests of the desk's side share."""

from __future__ import annotations

import pytest

from tests.utils.phones import Phones
from tfsparse.android.adb import Adb


@pytest.fixture
def phones(tmp_path):
    """A desk without phones yet."""
    return Phones(tmp_path / "desk")


@pytest.fixture
def phone(phones):
    """The connection to a phone with the app."""
    phones.add()
    return Adb(phones.adb).connection("phone1")
