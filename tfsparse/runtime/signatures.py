# SPDX-License-Identifier: Apache-2.0
"""Names and order of inputs and outputs, as the signature of a `.tflite` model tells them."""

from __future__ import annotations

import re
from typing import Any


def signature_runner(interpreter: Any) -> Any | None:
    """The runner of the model's signature; older files, or files with several, have none that stands for the model."""
    if len(interpreter.get_signature_list()) != 1:
        return None
    return interpreter.get_signature_runner()


def in_signature_order(interpreter: Any) -> list[int]:
    """Tensor indices of the outputs: TensorFlow's converter shuffles them, its names `output_<n>` tell the order."""
    indices = [detail["index"] for detail in interpreter.get_output_details()]
    runner = signature_runner(interpreter)
    if runner is None:
        return indices
    named = {name: detail["index"] for name, detail in runner.get_output_details().items()}
    numbers = {name: re.fullmatch(r"output_(\d+)", name) for name in named}
    if not all(numbers.values()) or sorted(named.values()) != sorted(indices):
        return indices  # names of layers: the file has the outputs in the model's order
    return [named[name] for name in sorted(named, key=lambda name: int(name.removeprefix("output_")))]
