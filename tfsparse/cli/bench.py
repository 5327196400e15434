# SPDX-License-Identifier: Apache-2.0
"""`tfsparse bench`: everything that measures time, as one group of commands."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from tfsparse.cli.bench_layers import bench_layers
from tfsparse.cli.bench_model import bench_model
from tfsparse.cli.bench_probes import bench_probes
from tfsparse.cli.bench_show import bench_show
from tfsparse.cli.bench_suite import bench_suite

_DEFAULT = "model"


class _ModelUnlessNamed(TyperGroup):
    """A group in which arguments that start with no command's name are those of the command `model`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the name of the default command where it was left out."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [_DEFAULT, *args]
        return super().parse_args(ctx, args)


bench = typer.Typer(cls=_ModelUnlessNamed, no_args_is_help=True, rich_markup_mode="markdown")


@bench.callback()
def _bench() -> None:
    """Time a .tflite model, or the winner operators on the layers of well-known networks.

    Arguments that name no command are those of `model`, whose options `tfsparse bench model --help` lists.

    Examples:

        tfsparse bench sparse.tflite --against dense.tflite

        tfsparse bench layers --network resnet18

        tfsparse bench suite --quick
    """


bench.command(_DEFAULT)(bench_model)
bench.command("layers")(bench_layers)
bench.command("probes")(bench_probes)
bench.command("show")(bench_show)
bench.command("suite")(bench_suite)
