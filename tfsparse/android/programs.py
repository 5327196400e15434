# SPDX-License-Identifier: Apache-2.0
"""Finds what was built for a phone's processor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tfsparse.android import layout
from tfsparse.android.adb import Connection
from tfsparse.android.push import Parcel
from tfsparse.errors import InvalidArgumentError

BUILD_FOLDER = Path("build/android/native")
"""Where `make android-native` puts programs and libraries, in a folder for each ABI; seen from the repository."""


def program_parcel(phone: Connection, name: str, given: Path | None, option: str) -> Parcel:
    """A program or library for the phone.

    Args:
        phone: The phone, whose ABIs decide.
        name: Its name.
        given: What the user named; `None` for what was built in this repository.
        option: How the user can name one, for an error.

    Raises:
        InvalidArgumentError: Nothing was built for this phone.
    """
    abis = phone.shell("getprop", "ro.product.cpu.abilist").strip().split(",")
    path = given or _built(name, abis)
    if path is None:
        raise InvalidArgumentError(
            f"There is no {name} for phone {phone.serial}.",
            expected=" or ".join(str(BUILD_FOLDER / abi / name) for abi in abis),
            remedy=f"Build it with `make android-native` and come here, or name one with {option}.",
        )
    return Parcel(path.read_bytes(), f"{layout.PROGRAMS}/{name}", executable=True)


def _built(name: str, abis: Sequence[str]) -> Path | None:
    paths = (BUILD_FOLDER / abi / name for abi in abis)
    return next((path for path in paths if path.is_file()), None)
