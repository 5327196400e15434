# SPDX-License-Identifier: Apache-2.0
"""Finds and opens the native library, `libtfsparse`, which holds the winner operators."""

from __future__ import annotations

import ctypes
import functools
import importlib.resources
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tfsparse.errors import RuntimeUnavailableError

LIBRARY_VARIABLE = "TFSPARSE_LIBRARY"
"""Environment variable with the path of a library to use instead of the package's own."""

LIBRARY_NAME = "libtfsparse.dylib" if sys.platform == "darwin" else "libtfsparse.so"

_BUILD_REMEDY = (
    "Install the tfsparse wheel for this platform, or build the library from the sources with CMake and name it in the "
    f"environment variable {LIBRARY_VARIABLE}."
)


class NativeLibrary:
    """The C functions of `libtfsparse` as Python ones.

    Args:
        path: Path of the shared library.

    Raises:
        RuntimeUnavailableError: The file cannot be loaded, or is another library.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._functions = ctypes.CDLL(str(path))
            self._declare()
        except (OSError, AttributeError) as error:
            raise RuntimeUnavailableError(
                f"The native library {path} cannot be used.",
                expected=f"a {LIBRARY_NAME} built for this machine",
                received=str(error),
                remedy=_BUILD_REMEDY,
            ) from error

    def _declare(self) -> None:
        self._functions.tfsparse_version.restype = ctypes.c_char_p
        self._functions.tfsparse_isa.restype = ctypes.c_char_p
        self._functions.tfsparse_op_version.restype = ctypes.c_int
        self._functions.tfsparse_kernels_json.restype = ctypes.c_size_t
        self._functions.tfsparse_kernels_json.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
        self._functions.tfsparse_profile_json.restype = ctypes.c_size_t
        self._functions.tfsparse_profile_json.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t]
        self._functions.tfsparse_profile_reset.restype = None
        self._functions.tfsparse_profile_reset.argtypes = [ctypes.c_char_p]

    @property
    def version(self) -> str:
        """Version of the library, as in `tfsparse.__version__`."""
        return self._functions.tfsparse_version().decode()

    @property
    def op_version(self) -> int:
        """Highest version of the winner operators that the library can run."""
        return self._functions.tfsparse_op_version()

    @property
    def isa(self) -> str:
        """The instruction set that its kernels use: chosen by the processor, or by the variable TFSPARSE_ISA.

        Raises:
            RuntimeUnavailableError: TFSPARSE_ISA names one that is unknown or that this machine lacks.
        """
        isa = self._functions.tfsparse_isa()
        if isa is None:
            raise RuntimeUnavailableError(
                "TFSPARSE_ISA names no instruction set that the native library can use here.",
                expected="'auto', 'portable', 'neon', 'avx2' or 'avx512', as far as the processor has it",
                received=os.environ.get("TFSPARSE_ISA"),
                remedy="Unset the variable.",
            )
        return isa.decode()

    @property
    def kernels(self) -> list[dict[str, Any]]:
        """The library's matrix kernels, slowest first.

        Returns:
            One dictionary per kernel: `isa`, `dtype`, `mr` and `nr` (rows and columns of the tile of outputs that it
            keeps in registers), and `usable` (whether this machine can run it).
        """
        return _read_json(self._functions.tfsparse_kernels_json)

    def profile(self, profile_id: str) -> list[dict[str, Any]]:
        """Time per operator since the last reset, of the delegates that were made with this profile id.

        Returns:
            One dictionary per operator: `node`, `op`, `layer`, `kernel` (what computes it, such as `winograd_4x4`),
            `weight_bytes` (memory of its packed weights), `calls`, and `phases` (name → nanoseconds).
        """
        return _read_json(functools.partial(self._functions.tfsparse_profile_json, profile_id.encode()))

    def reset_profile(self, profile_id: str) -> None:
        """Starts the counts of this profile id from zero."""
        self._functions.tfsparse_profile_reset(profile_id.encode())


def _read_json(write: Callable[[bytes | ctypes.Array[ctypes.c_char] | None, int], int]) -> list[dict[str, Any]]:
    """The list that a function writes into a buffer of a capacity; it returns the bytes it needs, 0 for nothing."""
    size = write(None, 0)
    if size == 0:
        return []
    buffer = ctypes.create_string_buffer(size)
    write(buffer, size)
    return json.loads(buffer.value.decode())


def find_library() -> Path:
    """Path of the native library: what TFSPARSE_LIBRARY names, else the one inside the package.

    Raises:
        RuntimeUnavailableError: There is no such file.
    """
    named = os.environ.get(LIBRARY_VARIABLE)
    path = Path(named) if named else Path(str(importlib.resources.files("tfsparse") / "lib" / LIBRARY_NAME))
    if path.is_file():
        return path
    raise RuntimeUnavailableError(
        f"The native library is not there{f' ({LIBRARY_VARIABLE} names it)' if named else ''}.",
        expected=f"a file {path}",
        received="no such file",
        remedy=_BUILD_REMEDY,
    )


def load_library() -> NativeLibrary:
    """Opens the library that `find_library` finds; a path is opened once per process."""
    return _open_library(find_library().resolve())


@functools.cache
def _open_library(path: Path) -> NativeLibrary:
    return NativeLibrary(path)
