# SPDX-License-Identifier: Apache-2.0
"""`tfsparse inspect`: what is inside a `.tflite` file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.console import in_millions, in_size, out, plain_table, report
from tfsparse.cli.options import Json

if TYPE_CHECKING:
    from tfsparse.inspection import KernelReport, ModelDescription
    from tfsparse.inspection.description import OperatorDescription


def inspect(
    model: Annotated[
        Path | None,
        typer.Argument(
            help="A `.tflite` file; with --kernels it may be left out.", show_default=False, metavar="MODEL"
        ),
    ] = None,
    kernels: Annotated[
        bool, typer.Option("--kernels", help="Show the kernels of this machine, and which of them each operator uses.")
    ] = False,
    tensors: Annotated[bool, typer.Option("--tensors", help="List every tensor too.")] = False,
    json: Json = None,
) -> None:
    """Show the operators, winner rates, MACs and tensors of a .tflite file.

    Examples:

        tfsparse inspect model.tflite

        tfsparse inspect model.tflite --tensors

        tfsparse inspect model.tflite --kernels

        tfsparse inspect model.tflite --json model.json
    """
    from tfsparse.inspection import describe_kernels, describe_model

    if kernels:
        chosen = describe_kernels(model)
        report(chosen, json, lambda: _print_kernels(chosen))
        return
    if model is None:
        raise typer.BadParameter("expected a .tflite file, or --kernels", param_hint="MODEL")
    description = describe_model(model)
    report(description, json, lambda: _print(description, tensors))


def _print(description: ModelDescription, tensors: bool) -> None:
    shapes = {tensor.name: tensor.shape for tensor in description.tensors}
    table = plain_table(f"{description.source}: {in_size(description.bytes)}")
    for column in ("#", "operator", "version", "output", "shape"):
        table.add_column(column)
    for column in ("weights", "MACs", "of dense"):
        table.add_column(column, justify="right")
    table.add_column("options")
    for operator in description.operators:
        first = operator.outputs[0] if operator.outputs else ""
        table.add_row(
            str(operator.index), operator.name, str(operator.version), first, str(shapes.get(first, "")),
            in_size(operator.weight_bytes) if operator.weight_bytes else "",
            in_millions(operator.macs.computed) if operator.macs.dense else "",
            f"{operator.macs.computed / operator.macs.dense:.0%}" if operator.macs.dense else "",
            _options(operator),
        )  # fmt: skip
    out.print(table)
    _print_totals(description)
    if tensors:
        _print_tensors(description)


def _print_kernels(kernels: KernelReport) -> None:
    table = plain_table("Kernels of this machine")
    for column in ("instruction set", "type", "tile", "usable", "in use"):
        table.add_column(column)
    for kernel in kernels.available:
        in_use = "yes" if kernel.isa == kernels.isa else ""
        usable = "yes" if kernel.usable else "no"
        table.add_row(kernel.isa, kernel.dtype, f"{kernel.mr}x{kernel.nr}", usable, in_use)
    out.print(table)
    if not kernels.chosen:
        return
    table = plain_table("\nKernel of each operator")
    for column in ("#", "operator", "layer", "kernel"):
        table.add_column(column)
    table.add_column("packed weights", justify="right")
    for operator in kernels.chosen:
        size = in_size(operator.weight_bytes) if operator.weight_bytes else ""
        table.add_row(str(operator.node), operator.op, operator.layer, operator.kernel, size)
    out.print(table)


def _options(operator: OperatorDescription) -> str:
    """The options of custom operators; those of builtin ones would fill the screen, and are in the JSON."""
    return ", ".join(f"{key}={value}" for key, value in operator.options.items()) if operator.custom else ""


def _print_totals(description: ModelDescription) -> None:
    macs = description.macs
    share = f" of {in_millions(macs.dense)} dense ({macs.computed / macs.dense:.0%})" if macs.dense else ""
    out.print(f"\nMACs: {in_millions(macs.computed)}{share}")
    for layer, rate in description.winner_rates.items():
        out.print(f"Winner rate of {layer}: {rate:.3f}")


def _print_tensors(description: ModelDescription) -> None:
    table = plain_table("\nTensors")
    for column in ("name", "type", "shape", "bytes in the file"):
        table.add_column(column)
    for tensor in description.tensors:
        table.add_row(tensor.name, tensor.type, str(tensor.shape), str(tensor.bytes or ""))
    out.print(table)
