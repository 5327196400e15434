# SPDX-License-Identifier: Apache-2.0
"""Brings models and data to a phone, and only what is not there yet."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tfsparse.android import layout
from tfsparse.android.adb import Connection
from tfsparse.android.labelled_set import labelled_set
from tfsparse.android.remote_files import holds
from tfsparse.bench.probes import add_probes
from tfsparse.errors import InvalidArgumentError, PhoneError
from tfsparse.runtime.requirements import required_op_version


@dataclass(frozen=True)
class Parcel:
    """A file for the phone.

    Attributes:
        content: All of it.
        remote: Where it goes.
        executable: Whether it is a program.
    """

    content: bytes
    remote: str
    executable: bool = False

    @property
    def name(self) -> str:
        """The file's name on the phone."""
        return PurePosixPath(self.remote).name


@dataclass(frozen=True)
class Pushed:
    """What became of a parcel.

    Attributes:
        remote: Where it lies.
        bytes: Its size.
        changed: Whether it had to be brought; else it was there already.
    """

    remote: str
    bytes: int
    changed: bool


def pack(
    models: Sequence[Path], data: Path | None = None, samples: int | None = None, *, layers: bool = False
) -> list[Parcel]:
    """The parcels of models and of the data that they are tried on.

    Args:
        models: `.tflite` files, at least one, of different names.
        data: An `.npz` file, fitted to the input of each model; `None` for no data.
        samples: Only the first so many of the data.
        layers: Whether each dense model is accompanied by its twin with probes, which times its layers; these are
            called as in the sparse model, if there is one.

    Raises:
        InvalidArgumentError: Two models share a name, or the data do not fit one.
        ModelFormatError: A model that must be read for its input or its layers cannot be.
        OSError: A file cannot be read.
    """
    parcels: dict[str, Parcel] = {}
    for model in models:
        parcel = Parcel(model.read_bytes(), f"{layout.MODELS}/{model.name}")
        if parcels.setdefault(parcel.remote, parcel) != parcel:
            raise InvalidArgumentError("Two models have the same name.", received=model.name, remedy="Rename one.")
        if data is not None:
            name, content = labelled_set(data, model, samples)
            parcels[name] = Parcel(content, f"{layout.DATA}/{name}")
    return [*parcels.values(), *(_probed(models) if layers else ())]


def _probed(models: Sequence[Path]) -> list[Parcel]:
    is_sparse = {model: required_op_version(model) > 0 for model in models}
    like = next((model for model in models if is_sparse[model]), None)
    return [
        Parcel(add_probes(model, like), f"{layout.MODELS}/{model.stem}{layout.PROBED_SUFFIX}")
        for model in models
        if not is_sparse[model] and not model.name.endswith(layout.PROBED_SUFFIX)
    ]


def push(phone: Connection, parcels: Sequence[Parcel], advance: Callable[[], None] = lambda: None) -> list[Pushed]:
    """Brings parcels to a phone.

    A file appears under its name when it is complete and its checksum right, not before.

    Args:
        phone: The phone.
        parcels: What it shall have.
        advance: Called after each.

    Raises:
        PhoneError: The phone is lost, full, or got something else than was sent.
    """
    folders = sorted({layout.FOLDER, *(str(PurePosixPath(parcel.remote).parent) for parcel in parcels)})
    phone.shell("sh", "-c", 'mkdir -p "$@" && chmod 755 "$@"', "sh", *folders)
    pushed = []
    for parcel in parcels:
        changed = not holds(phone, parcel.remote, parcel.content)
        if changed:
            _bring(phone, parcel)
        pushed.append(Pushed(parcel.remote, len(parcel.content), changed))
        advance()
    return pushed


def _bring(phone: Connection, parcel: Parcel) -> None:
    """The name of the unfinished file follows from the content: what a loss left behind is used up by the next try."""
    checksum = hashlib.sha256(parcel.content).hexdigest()
    part = str(PurePosixPath(parcel.remote).with_name(f".part-{checksum[:16]}"))
    with tempfile.TemporaryDirectory(prefix="tfsparse-") as folder:
        local = Path(folder, "file")
        local.write_bytes(parcel.content)
        try:
            phone.push(local, part)
            if not holds(phone, part, parcel.content):
                raise PhoneError(
                    f"{parcel.name} did not reach phone {phone.serial} as it was sent.",
                    remedy="Try again; use another cable or port if it stays so.",
                )
            mode = "755" if parcel.executable else "644"
            phone.shell("sh", "-c", 'chmod "$0" "$1" && mv -f "$1" "$2"', mode, part, parcel.remote)
        except PhoneError:
            with contextlib.suppress(PhoneError):
                phone.run(["rm", "-f", part])
            raise
