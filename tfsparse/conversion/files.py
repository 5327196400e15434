# SPDX-License-Identifier: Apache-2.0
"""Writes a file as a whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from tfsparse.errors import ConversionError


def check_writable(path: Path, overwrite: bool) -> None:
    """Refuses a path that could not be written later, before the long work starts.

    Args:
        path: Where the file shall go.
        overwrite: Whether it may replace an existing file.

    Raises:
        ConversionError: says what is in the way.
    """
    folder = path.resolve().parent
    if path.exists() and not path.is_file():
        raise ConversionError(f"{path} is a folder or device.", expected="the name of a file")
    if path.exists() and not overwrite:
        raise ConversionError(
            f"{path} exists already.",
            remedy="Choose another name, or allow overwriting: overwrite=True, or --overwrite.",
        )
    if not folder.is_dir():
        raise ConversionError(f"The folder of {path} does not exist.", expected="an existing folder")
    if not os.access(folder, os.W_OK):
        raise ConversionError(f"{path} cannot be written.", expected=f"write access to the folder {folder}")


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file so that at any moment its name stands for the old content or the new, complete one.

    Args:
        path: Where the file shall go. A link is followed.
        content: All of it.

    Raises:
        ConversionError: the disk is full, or the path cannot be written; an old file is still there.
    """
    target = path.resolve()
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with open(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except OSError as error:
        raise ConversionError(
            f"{path} could not be written.",
            received=error.strerror or str(error),
            remedy="Free space on the disk or choose another folder; an older file there is unchanged.",
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink()
