# SPDX-License-Identifier: Apache-2.0
"""Entry point of the command `tfsparse`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

import tfsparse
from tfsparse.cli.android import android
from tfsparse.cli.bench import bench
from tfsparse.cli.compare import PercentMayBeLeftOut, compare
from tfsparse.cli.convert import convert
from tfsparse.cli.demo import demo
from tfsparse.cli.errors import ReportingGroup
from tfsparse.cli.evaluate import evaluate
from tfsparse.cli.inspect import inspect
from tfsparse.cli.models import models
from tfsparse.cli.profile import profile
from tfsparse.cli.report import report
from tfsparse.cli.search import search
from tfsparse.cli.train import train
from tfsparse.cli.verify import verify

app = typer.Typer(
    cls=ReportingGroup,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tfsparse {tfsparse.__version__}")
        raise typer.Exit


@app.callback()
def root(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and leave.")
    ] = False,
) -> None:
    """Make Keras networks in which few activations matter, and run only those that do.

    Exit codes: 0 done, 1 the result is not as it should be, 2 wrong input, 130 interrupted.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")


app.command()(demo)
app.command()(train)
app.command()(search)
app.command()(report)
app.command()(models)
app.command()(profile)
app.command()(convert)
app.command()(inspect)
app.command()(verify)
app.command()(evaluate)
app.add_typer(bench, name="bench")
app.command(cls=PercentMayBeLeftOut)(compare)
app.add_typer(android, name="android")


def main() -> None:
    """Runs the command line."""
    app()


if __name__ == "__main__":
    main()
