# SPDX-License-Identifier: Apache-2.0
"""The folder of a finished stage: its model, its history, and what it recorded."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import keras

from tfsparse.conversion.files import write_atomically
from tfsparse.conversion.keras_source import load_keras_file
from tfsparse.errors import ModelFormatError
from tfsparse.recipes.accounting import StageResult
from tfsparse.training.checkpoints import save_model
from tfsparse.training.history import Row, read_history, write_history
from tfsparse.training.run_folder import HISTORY, MODEL

if TYPE_CHECKING:
    from tfsparse.recipes.context import StageContext

FACTS = "facts.json"


def is_finished(folder: Path) -> bool:
    """Whether the stage of this folder is finished."""
    return (folder / FACTS).is_file()


def finish_stage(folder: Path, model: keras.Model, result: StageResult, context: StageContext) -> None:
    """Writes what a stage gave, the facts last, which makes it count; then clears the legs of its training."""
    save_model(model, folder / MODEL)
    write_history(folder / HISTORY, context.history)
    facts = {"result": asdict(result), **context.facts}
    write_atomically(folder / FACTS, (json.dumps(facts, indent=2) + "\n").encode())
    for leg in folder.iterdir():
        if leg.is_dir():
            shutil.rmtree(leg)


def load_stage(folder: Path) -> tuple[keras.Model, StageResult, list[Row]]:
    """The model, the account and the history of a finished stage.

    Raises:
        ModelFormatError: The stage's files are damaged, or its model has layers that Keras cannot find.
    """
    try:
        result = json.loads((folder / FACTS).read_text(encoding="utf-8"))["result"]
        account = StageResult(**{**result, "shortcomings": tuple(result["shortcomings"])})
        model = load_keras_file(folder / MODEL)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelFormatError(
            f"The finished stage in {folder} cannot be read.",
            received=str(error).splitlines()[0],
            remedy=f"Register custom layers with keras.saving, or remove {folder}: the stage is then done again.",
        ) from error
    return model, account, read_history(folder / HISTORY)
