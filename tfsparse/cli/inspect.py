# SPDX-License-Identifier: Apache-2.0
"""`tfsparse inspect`: what is inside a `.tflite` file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.console import in_millions, in_size, out, plain_table, report
from tfsparse.cli.options import Json, TfliteModel

if TYPE_CHECKING:
    from tfsparse.inspection import ModelDescription
    from tfsparse.inspection.description import OperatorDescription


def inspect(
    model: TfliteModel,
    tensors: Annotated[bool, typer.Option("--tensors", help="List every tensor too.")] = False,
    json: Json = None,
) -> None:
    """Show the operators, winner rates, MACs and tensors of a .tflite file.

    Examples:

        tfsparse inspect model.tflite

        tfsparse inspect model.tflite --tensors

        tfsparse inspect model.tflite --json model.json
    """
    from tfsparse.inspection import describe_model

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
