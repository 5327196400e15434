# SPDX-License-Identifier: Apache-2.0
"""Checks that every part of a FlatBuffer lies inside its bytes, before anything else reads them.

The interpreters read a model without any check of offsets and lengths, and the Python bindings check only some of
them, so a damaged file must be found out here.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from ai_edge_litert import schema_py_generated as schema
from flatbuffers.table import Table

_UNIONS = {
    "BuiltinOptions": schema.BuiltinOptions,
    "BuiltinOptions2": schema.BuiltinOptions2,
    "Details": schema.QuantizationDetails,
    "ArraySegments": schema.SparseIndexVector,
    "ArrayIndices": schema.SparseIndexVector,
}
"""Accessors of a union → the enumeration that says which table it holds."""

_GENERATED_SUFFIXES = ("Length", "AsNumpy", "IsNone", "BufferHasIdentifier")

Kind = Literal["vector", "numbers", "union", "value"]


class GuardedBytes(bytes):
    """Bytes whose slices are FlatBuffer strings: they must end inside the bytes, and with a NUL."""

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, slice) and (key.stop >= len(self) or super().__getitem__(key.stop) != 0):
            raise IndexError("a string that runs past the end of the file or has no terminator")
        return super().__getitem__(key)


class _Budget:
    """How many more bytes the parts may hold: parts that overlap could otherwise unfold without end."""

    def __init__(self, size: int) -> None:
        self.left = 8 * size + 4096

    def spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise ValueError("parts that overlap")


def check_bounds(data: GuardedBytes) -> None:
    """Visits every table, vector and string that the model schema knows, and thereby checks each offset and length.

    Args:
        data: The whole file.

    Raises:
        Exception: of whatever type the bindings raise, if any part lies outside `data` or the parts are more than
            the file could hold. The caller turns it into an error for the reader.
    """
    _visit(schema.Model.GetRootAs(data, 0), _Budget(len(data)))


def _visit(table: Any, budget: _Budget) -> None:
    budget.spend(4)
    for name, kind in _accessors(type(table).__name__):
        if kind == "vector":
            for index in range(getattr(table, name + "Length")()):
                _visit_value(getattr(table, name)(index), budget)
        elif kind == "numbers":
            if not getattr(table, name + "IsNone")():
                budget.spend(getattr(table, name + "AsNumpy")().nbytes)
        else:
            value = getattr(table, name)()
            _visit_value(_union_table(table, name, value) if kind == "union" else value, budget)


def _visit_value(value: Any, budget: _Budget) -> None:
    if isinstance(value, bytes):
        budget.spend(len(value) + 4)
    elif hasattr(value, "_tab"):
        _visit(value, budget)
    else:
        budget.spend(1)


def _union_table(table: Any, name: str, value: Table | None) -> Any:
    """The typed table that a union holds; an unknown type is left to the validation."""
    if value is None:
        return None
    kind = _enum_names(_UNIONS[name]).get(getattr(table, name + "Type")(), "NONE")
    if kind == "NONE":
        return None
    typed = getattr(schema, kind)()
    typed.Init(value.Bytes, value.Pos)
    return typed


@cache
def _enum_names(enum: type) -> dict[int, str]:
    return {value: name for name, value in vars(enum).items() if isinstance(value, int)}


@cache
def _accessors(table: str) -> tuple[tuple[str, Kind], ...]:
    """The fields of a table, found from the methods that the schema compiler generates for each kind of field."""
    table_type = getattr(schema, table)
    methods = [name for name in vars(table_type) if name[0].isupper() and callable(getattr(table_type, name))]
    found: list[tuple[str, Kind]] = []
    for name in methods:
        if name + "AsNumpy" in methods:
            found.append((name, "numbers"))
        elif name + "Length" in methods:
            found.append((name, "vector"))
        elif name + "Type" in methods:
            found.append((name, "union"))
        elif name != "Init" and not name.startswith("GetRootAs") and not name.endswith(_GENERATED_SUFFIXES):
            found.append((name, "value"))
    return tuple(found)
