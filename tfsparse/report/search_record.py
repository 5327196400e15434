# SPDX-License-Identifier: Apache-2.0
"""What the folder of a search holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tfsparse.errors import InvalidArgumentError
from tfsparse.search.curves import WINNERS, Curve
from tfsparse.search.front import Candidate
from tfsparse.search.result import RESULT, SCHEMA_VERSION, SearchResult
from tfsparse.training.run_folder import RUN


def is_search(folder: Path) -> bool:
    """Whether the folder is that of a finished search, and not that of a run."""
    return (folder / RESULT).is_file() and not (folder / RUN).exists()


def read_search(folder: Path) -> SearchResult:
    """Reads the folder of a finished `tfsparse search`; the network is left out.

    Args:
        folder: The folder.

    Raises:
        InvalidArgumentError: The result is damaged, or of another version.
    """
    path = folder / RESULT
    content = _read(path)
    version = content.get("schema_version") if isinstance(content, dict) else None
    if version != SCHEMA_VERSION:
        raise InvalidArgumentError(
            f"The search in {folder} was made by another version of tfsparse.",
            expected=f"a search of schema version {SCHEMA_VERSION}",
            received=f"schema version {version}",
            remedy="Make the report with that version.",
        )
    try:
        return SearchResult.from_dict(content)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidArgumentError(
            f"{path} is damaged.", received=f"{type(error).__name__}: {error}", remedy="Run the same search again."
        ) from error


def shown_setting(found: SearchResult) -> Candidate | None:
    """The setting that a page is about: the chosen one, or else the one that comes closest; `None` if there is none."""
    return found.chosen or found.closest


def share_in(setting: Candidate | None, curve: Curve) -> float:
    """The share of winners, or of weights that stay, that a setting gives to what a curve turns down; 1 without any."""
    if setting is None:
        return 1.0
    if curve.kind == WINNERS:
        return next((setting.rates[layer] for layer in curve.layers if layer in setting.rates), 1.0)
    return 1.0 - next((setting.sparsities[layer] for layer in curve.layers if layer in setting.sparsities), 0.0)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InvalidArgumentError(
            f"{path} is damaged.", received=str(error), remedy="Run the same search again."
        ) from error
