# SPDX-License-Identifier: Apache-2.0
"""Does what the benchmark app does on a phone, with the Python interpreter on a folder: `app_stand_in.py EXTRAS PHONE`.

The times are measured, on this machine; what a phone adds (battery, heat) is made up.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np

from tfsparse.bench.machine import Phone
from tfsparse.bench.runner import bench
from tfsparse.conversion.files import write_atomically
from tfsparse.errors import InvalidArgumentError, TfsparseError

KNOWN = {
    "request", "sparse", "dense", "sparse_delegate", "dense_delegate", "threads", "runs", "warmup", "isa", "data",
    "samples", "cool", "cool_timeout_s", "layers",
}  # fmt: skip
FILES = "root/sdcard/Android/data/dev.tfsparse.bench/files"
PUSHED = "root/data/local/tmp/tfsparse"


def measure(extras: dict[str, str], phone: Path) -> str:
    unknown = sorted(extras.keys() - KNOWN)
    if unknown:
        raise InvalidArgumentError("Unknown extras.", expected=", ".join(sorted(KNOWN)), received=", ".join(unknown))
    data = extras.get("data")
    stored = None if data is None else np.load(phone / PUSHED / "data" / data)
    models = phone / PUSHED / "models"
    result = bench(
        models / extras["sparse"],
        None if "dense" not in extras else models / extras["dense"],
        threads=int(extras["threads"]),
        runs=int(extras["runs"]),
        warmup=int(extras["warmup"]),
        data=None if stored is None else stored["x"],
        data_name=data or "",
        labels=None if stored is None else stored["y"][: int(extras.get("samples", len(stored["y"])))],
    )
    told = Phone(34, "arm64-v8a", 85, 28.1, True, False, "none", "light", 0.0)
    return dataclasses.replace(result, machine=dataclasses.replace(result.machine, phone=told)).to_json()


def main(extras: dict[str, str], phone: Path) -> None:
    results = phone / FILES / "results"
    results.mkdir(parents=True, exist_ok=True)
    request = extras["request"]
    try:
        name, content, problem = f"{request}.json", measure(extras, phone), None
    except TfsparseError as error:
        parts = {key: getattr(error, key) for key in ("problem", "expected", "received", "remedy")}
        name, content, problem = (
            f"{request}.error.json",
            json.dumps({"request": request, "error": parts}),
            error.problem,
        )
    write_atomically(results / name, content.encode())
    line = {"request": request, "status": "failed" if problem else "ok", "file": name, "error": problem}
    with open(phone / "log", "a") as log:
        log.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
