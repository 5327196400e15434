# SPDX-License-Identifier: Apache-2.0
"""What computes each winner operator of a model on this machine."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

from tfsparse.runtime.interpreter import Interpreter
from tfsparse.runtime.library import load_library


@dataclass(frozen=True)
class MatrixKernel:
    """A matrix kernel of the native library.

    Attributes:
        isa: Instruction set: `portable`, `neon` (64-bit and 32-bit Arm), `avx2` or `avx512`.
        dtype: Element type.
        mr: Rows of the tile of outputs that it keeps in registers.
        nr: Columns of that tile.
        usable: Whether this machine can run it.
    """

    isa: str
    dtype: str
    mr: int
    nr: int
    usable: bool


@dataclass(frozen=True)
class ChosenKernel:
    """What computes one operator.

    Attributes:
        node: Position of the operator in the graph.
        op: Its name.
        layer: The layer that it came from.
        kernel: What the cost rule chose for its shape and winner rate, such as `direct` or `winograd_4x4`.
        weight_bytes: Memory of its packed weights, which the interpreters of a process share.
    """

    node: int
    op: str
    layer: str
    kernel: str
    weight_bytes: int


@dataclass(frozen=True)
class KernelReport:
    """The kernels of this machine, and what a model uses of them.

    Attributes:
        isa: The instruction set that is used: the fastest, or the one that the variable TFSPARSE_ISA names.
        available: Every kernel of the library.
        chosen: One entry per winner operator of the model; empty without a model.
    """

    isa: str
    available: list[MatrixKernel]
    chosen: list[ChosenKernel]

    def to_json(self) -> str:
        """The report as a JSON object, its keys named like the attributes."""
        return json.dumps(asdict(self), indent=2)


def describe_kernels(model: str | os.PathLike[str] | bytes | None = None) -> KernelReport:
    """Lists the kernels that this machine has, and prepares a model to see which of them its operators use.

    Args:
        model: Path of a `.tflite` file, or its content; `None` for the machine alone.

    Raises:
        ModelFormatError: The file is missing, damaged, or no `.tflite` model.
        RuntimeUnavailableError: The interpreter package or the native library is missing.

    Example:

    >>> report = describe_kernels()
    >>> report.isa in {kernel.isa for kernel in report.available if kernel.usable}
    True
    """
    library = load_library()
    available = [MatrixKernel(**kernel) for kernel in library.kernels]
    chosen = [] if model is None else _chosen(model)
    return KernelReport(library.isa, available, chosen)


def _chosen(model: str | os.PathLike[str] | bytes) -> list[ChosenKernel]:
    nodes = Interpreter(model, profiling=True).profile()
    keys = ChosenKernel.__dataclass_fields__
    return sorted((ChosenKernel(**{key: node[key] for key in keys}) for node in nodes), key=lambda kernel: kernel.node)
