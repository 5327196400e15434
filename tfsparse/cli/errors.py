# SPDX-License-Identifier: Apache-2.0
"""Turns what goes wrong in a command into one message and an exit code."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

from tfsparse.cli.console import err
from tfsparse.errors import TfsparseError

BAD_INPUT = 2
INTERNAL_ERROR = 1
INTERRUPTED = 130


class ReportingGroup(TyperGroup):
    """A group of commands whose errors are one message each; `--debug` lets the traceback through."""

    def invoke(self, ctx: Any) -> Any:
        """Runs the chosen command."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise _exit("Interrupted. Files that were there before are unchanged.", INTERRUPTED, ctx) from error
        except (TfsparseError, OSError) as error:
            if ctx.params.get("debug"):
                raise
            raise _exit(f"Error: {error_text(error)}", BAD_INPUT, ctx) from error
        except Exception as error:
            # Usage errors and exits are Typer's own; they derive from RuntimeError or have an exit code.
            if ctx.params.get("debug") or hasattr(error, "exit_code"):
                raise
            text = f"Internal error: {type(error).__name__}: {error}. Run again with `tfsparse --debug` and report it."
            raise _exit(text, INTERNAL_ERROR, ctx) from error


def error_text(error: TfsparseError | OSError) -> str:
    """What to show of an error; one of a file in the words of the others.

    Example:

    >>> error_text(FileNotFoundError(2, "No such file or directory", "a.json"))
    'a.json cannot be used. Received: No such file or directory.'
    """
    if isinstance(error, OSError) and error.filename is not None and error.strerror is not None:
        return str(TfsparseError(f"{error.filename} cannot be used.", received=error.strerror))
    return str(error)


def _exit(message: str, code: int, ctx: Any) -> typer.Exit:
    err.print(message, style="bold red", soft_wrap=True)
    return typer.Exit(code)
