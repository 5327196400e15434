# SPDX-License-Identifier: Apache-2.0
"""What runs of recipes gave, as the tables of docs/papers.md: python -m tests.benchmarks.papers RUN...

A RUN is a folder that `tfsparse train` finished. Runs of one recipe that differ in their seeds alone share a row per
stage: mean, and the standard deviation of the sample where there are several. Accuracy changes are those from the
first stage; `distance` and `cosine` compare the weights with those of the first stage, averaged over the layers, as
table 2 of dual sparse training does.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import keras

import tfsparse.layers  # noqa: F401 (registers the layers that the files name)
from tfsparse.analysis import weight_distance

COLUMNS = {
    "test accuracy": "{:.2%}",
    "change": "{:+.2%}",
    "maps pruned": "{:.1%}",
    "fc activations pruned": "{:.1%}",
    "MACs saved by masks": "{:.1%}",
    "MACs saved": "{:.1%}",
    "weights zero": "{:.1%}",
    "activations zero": "{:.2%}",
    "distance": "{:.2f}",
    "cosine": "{:.3f}",
    "seconds": "{:,.0f}",
}


def main() -> None:
    """Prints one table."""
    runs: dict[str, list[list[dict[str, Any]]]] = defaultdict(list)
    for folder in map(Path, sys.argv[1:]):
        name = json.loads((folder / "run.json").read_text())["identity"]["recipe"]["name"]
        runs[name].append(list(stages(folder)))
    print("| recipe | seeds | stage |", " | ".join(COLUMNS), "|")
    print("|---|---|---|" + "---|" * len(COLUMNS))
    for name, seeds in runs.items():
        for stage in zip(*seeds, strict=True):
            cells = [cell([each[column] for each in stage], column) for column in COLUMNS]
            print("|", name, "|", len(stage), "|", stage[0]["stage"], "|", " | ".join(cells), "|")


def stages(folder: Path) -> Iterable[dict[str, Any]]:
    """The figures of each stage of a run."""
    first: tuple[float, keras.Model] | None = None
    for result in json.loads((folder / "results.json").read_text())["stages"]:
        model = keras.saving.load_model(folder / "stages" / result["stage"] / "model.keras", compile=False)
        first = first or (result["accuracy_test"], model)
        distance, cosine = weight_distance(model, first[1]).layer_mean()
        yield {
            "stage": result["stage"],
            "test accuracy": result["accuracy_test"],
            "change": result["accuracy_test"] - first[0],
            "maps pruned": result["pruned_feature_maps"],
            "fc activations pruned": result["pruned_fc_activations"],
            "MACs saved by masks": 1 - result["macs_after_wta"] / result["macs"],
            "MACs saved": 1 - result["effective_macs"] / result["macs"],
            "weights zero": result["weight_zeros"],
            "activations zero": result["activation_zeros"],
            "distance": distance,
            "cosine": cosine,
            "seconds": result["seconds"],
        }


def cell(values: Sequence[float | None], column: str) -> str:
    """Mean and spread of one figure over the seeds."""
    known = [value for value in values if value is not None]
    if not known:
        return "-"
    mean = COLUMNS[column].format(statistics.mean(known))
    spread = COLUMNS[column].replace("+", "").format(statistics.stdev(known)) if len(known) > 1 else ""
    return f"{mean} ± {spread}" if spread else mean


if __name__ == "__main__":
    main()
