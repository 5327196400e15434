# SPDX-License-Identifier: Apache-2.0
"""Reads a stored benchmark result back, whoever wrote it."""

from __future__ import annotations

import dataclasses
import json
import os
import types
import typing
from pathlib import Path
from typing import Any

from tfsparse.bench.result import SCHEMA_VERSION, BenchResult, Side
from tfsparse.bench.statistics import Interval
from tfsparse.errors import InvalidArgumentError

_NAMES = {int: "an integer", float: "a number", str: "a text", bool: "true or false", type(None): "null"}

_LARGEST = 1e300
"""Of a number; NaN and infinity, which Python's JSON knows, are not below it."""


class _MisfitError(ValueError):
    """A value that is not what its place asks for."""

    def __init__(self, place: str, expected: str, received: object) -> None:
        super().__init__(place)
        self.place, self.expected, self.received = place, expected, received


def read_result(path: str | os.PathLike[str]) -> BenchResult:
    """Reads the JSON file of a benchmark, which this machine or a phone wrote.

    Args:
        path: The file.

    Raises:
        InvalidArgumentError: It holds no result, or one of another version.
        OSError: It cannot be read.
    """
    return parse_result(Path(path).read_bytes(), str(path))


def read_results(path: Path) -> list[BenchResult]:
    """Reads a result, or all results in a folder, which are repeats of one measurement.

    Args:
        path: A JSON file, or a folder in which, at any depth, there are some; errors that the app wrote are skipped.

    Raises:
        InvalidArgumentError: A file holds no result, or the folder has none.
        OSError: A file cannot be read.
    """
    if not path.is_dir():
        return [read_result(path)]
    files = [file for file in sorted(path.rglob("*.json")) if not file.name.endswith(".error.json")]
    if not files:
        raise InvalidArgumentError(f"There are no results in the folder {path}.", expected="JSON files")
    return [read_result(file) for file in files]


def parse_result(content: bytes | str, name: str) -> BenchResult:
    """Reads the JSON of a benchmark.

    Args:
        content: UTF-8.
        name: What to call it in an error.

    Raises:
        InvalidArgumentError: It holds no result, or one of another version.
    """
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise _no_result(name, "JSON", str(error)) from None
    version = value.get("schema_version") if isinstance(value, dict) else None
    if version != SCHEMA_VERSION:
        raise _no_result(name, f"schema_version {SCHEMA_VERSION}", repr(version))
    try:
        result = decode(BenchResult, value)
        _check_numbers(result)
    except _MisfitError as error:
        raise _no_result(name, f"{error.expected} at {error.place}", f"{error.received!r:.80}") from None
    return result


def decode(kind: Any, value: Any, place: str = "the top") -> Any:
    """The JSON value as the dataclass, list, dictionary or plain type that is asked for.

    Args:
        kind: A type: a dataclass, `list[...]`, `dict[str, ...]`, a union, `int`, `float`, `str` or `bool`.
        value: What `json` read.
        place: Where it stands, for the error.

    Example:

    >>> decode(list[float], [1, 2.5])
    [1.0, 2.5]
    """
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if value is None else decode(arguments[0], value, place)
    if dataclasses.is_dataclass(kind):
        return _decode_fields(kind, value, place)
    if origin is list and isinstance(value, list):
        return [decode(arguments[0], item, f"{place}[{index}]") for index, item in enumerate(value)]
    if origin is dict and isinstance(value, dict):
        return {key: decode(arguments[1], item, f"{place}.{key}") for key, item in value.items()}
    if kind is float:
        return _decode_number(value, place)
    if type(value) is not kind:
        raise _MisfitError(place, _NAMES.get(kind, "a list" if origin is list else "an object"), value)
    return value


def _decode_fields(kind: Any, value: Any, place: str) -> Any:
    hints = typing.get_type_hints(kind)
    if not isinstance(value, dict):
        raise _MisfitError(place, "an object", value)
    if hints.keys() != value.keys():
        raise _MisfitError(place, f"the keys {', '.join(hints)}", ", ".join(map(str, value)))
    at = "" if place == "the top" else place + "."
    return kind(**{key: decode(hint, value[key], at + key) for key, hint in hints.items()})


def _decode_number(value: Any, place: str) -> float:
    if type(value) not in (int, float) or not abs(value) <= _LARGEST:
        raise _MisfitError(place, "a number", value)
    return float(value)


def _check_numbers(result: BenchResult) -> None:
    """What a type cannot tell: times are positive, as many as were counted, and come in pairs."""
    for name, side in (("sparse", result.sparse), ("dense", result.dense)):
        if side is not None:
            _check_times(name, side)
    if result.dense and len(result.dense.times_ms) != len(result.sparse.times_ms):
        raise _MisfitError("dense.times_ms", f"{len(result.sparse.times_ms)} numbers", len(result.dense.times_ms))
    if (result.dense is None) != (result.speedup is None):
        raise _MisfitError("speedup", "an interval where there are two models, else null", result.speedup)
    if result.speedup is not None and not _is_ordered(result.speedup):
        raise _MisfitError("speedup", "positive numbers, low to high", result.speedup)


def _check_times(name: str, side: Side) -> None:
    if not side.times_ms or min(side.times_ms) <= 0:
        raise _MisfitError(f"{name}.times_ms", "positive numbers, at least one", side.times_ms)
    if side.latency_ms.runs != len(side.times_ms):
        raise _MisfitError(f"{name}.times_ms", f"{side.latency_ms.runs} numbers", len(side.times_ms))


def _is_ordered(interval: Interval) -> bool:
    return 0 < interval.low <= interval.high


def _no_result(name: str, expected: str, received: str) -> InvalidArgumentError:
    return InvalidArgumentError(
        f"{name} is no benchmark result that this version can read.",
        expected=expected,
        received=received,
        remedy="Measure again with `tfsparse bench ... --json`, or with the app of this version.",
    )
