# SPDX-License-Identifier: Apache-2.0
"""What `tfsparse search` keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tfsparse.cli.console import err
from tfsparse.errors import InvalidArgumentError
from tfsparse.search.result import RESULT

if TYPE_CHECKING:
    from tfsparse.search import SearchResult

_RECIPE, _CHOSEN = "recipe.json", "chosen.keras"
_SENSITIVITY_PLOT, _FRONT_PLOT = "sensitivity.svg", "front.svg"
_FILES = (RESULT, _RECIPE, _CHOSEN, _SENSITIVITY_PLOT, _FRONT_PLOT)


def check_folder(folder: Path, journal: str, overwrite: bool) -> None:
    """Refuses a folder with files that a search would replace and that are not its own.

    Args:
        folder: The folder, there or not.
        journal: Name of the study's file: where it is, the files are those of this search, or it will be refused.
        overwrite: Whether files may be replaced all the same.

    Raises:
        InvalidArgumentError: A file is in the way, or the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise InvalidArgumentError(f"{folder} is no folder.", expected="a folder, which is made if it is not there")
    there = [name for name in _FILES if (folder / name).exists()]
    if there and not overwrite and not (folder / journal).exists():
        raise InvalidArgumentError(
            f"{folder} holds {', '.join(there)} already.", remedy="Choose another folder, or add --overwrite."
        )


def keep(found: SearchResult, folder: Path) -> None:
    """Writes the result and its pictures, and, if something was chosen, its network and recipe, into a folder.

    A network and a recipe of an earlier search there, which the new result does not have, are taken away.
    """
    from tfsparse.conversion.files import write_atomically

    write_atomically(folder / RESULT, (found.to_json() + "\n").encode())
    found.sensitivity.plot(folder / _SENSITIVITY_PLOT)
    found.plot(folder / _FRONT_PLOT)
    if found.chosen is None or found.network is None:
        (folder / _RECIPE).unlink(missing_ok=True)
        (folder / _CHOSEN).unlink(missing_ok=True)
    else:
        write_atomically(folder / _RECIPE, (json.dumps(found.recipe(), indent=2) + "\n").encode())
        unfinished = folder / f".{_CHOSEN}.tmp.keras"
        found.network.save(unfinished)
        unfinished.replace(folder / _CHOSEN)
    err.print(f"Wrote {', '.join(name for name in _FILES if (folder / name).exists())} to {folder}")
