# SPDX-License-Identifier: Apache-2.0
"""Reads, rewrites and runs damaged copies of a model; a program of its own, so that a crash is seen.

Prints the number of each copy before it is tried, and at the end how many were refused and how many ran.
"""

from __future__ import annotations

import pathlib
import sys

import numpy as np

from tests.utils.mutations import mutations
from tfsparse import Interpreter
from tfsparse.conversion.flatbuffer import read_model, serialize
from tfsparse.conversion.pipeline import run_passes
from tfsparse.errors import TfsparseError
from tfsparse.inspection.description import describe_model


def attempt(content: bytes) -> bool:
    """Whether the copy could be run; whatever is wrong with it must be a `TfsparseError`."""
    try:
        model = read_model(content)
        describe_model(content)
        run_passes(model)
        serialize(model)
        interpreter = Interpreter(content)
        shapes = [np.maximum(detail["shape"], 1) for detail in interpreter.input_details]
        values = [
            np.ones(shape, detail["dtype"]) for shape, detail in zip(shapes, interpreter.input_details, strict=True)
        ]
        interpreter.predict(values if len(values) > 1 else values[0])
    except TfsparseError:
        return False
    return True


def main() -> None:
    content, count, seed = pathlib.Path(sys.argv[1]).read_bytes(), int(sys.argv[2]), int(sys.argv[3])
    ran = 0
    for index, copy in enumerate(mutations(content, count, seed)):
        print(index, flush=True)
        ran += attempt(copy)
    print(f"done {ran} {count - ran}", flush=True)


if __name__ == "__main__":
    main()
