# SPDX-License-Identifier: Apache-2.0
"""What a verification found."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from tfsparse.tables import render_table

_NAMES_SHOWN = 8


@dataclass(frozen=True)
class TensorComparison:
    """How far a tensor of the file is from Keras'.

    Attributes:
        name: The layer, or the output.
        max_absolute_error: Largest absolute difference of two elements.
        max_relative_error: The same as a share of the largest magnitude in Keras' tensor.
        undecided: Samples that differ and are not counted, because somewhere before the weakest winner and the
            strongest loser score the same but for rounding, so that either may win.
        agrees: Whether the relative error is within the tolerance, in at least one sample.
    """

    name: str
    max_absolute_error: float
    max_relative_error: float
    undecided: int
    agrees: bool


@dataclass(frozen=True)
class VerificationReport:
    """Compares a Keras model with a `.tflite` file; `print` shows it as tables.

    Attributes:
        passed: Whether every output and every layer agrees.
        tolerance: Largest relative error allowed.
        samples: Number of samples compared.
        runtime: Interpreter package that ran the file.
        outputs: The outputs, the file run the ordinary way, with the runtime's default delegates.
        layers: The layers whose output is a tensor of the file, in the order of execution, the file run without the
            default delegates, so that each operator can be looked at.
        not_compared: Layers whose output is no tensor of the file: merged into the next operator, or, behind a mask
            that was optimized away, never computed.
        first_difference: The first layer that does not agree, or `None`.
    """

    passed: bool
    tolerance: float
    samples: int
    runtime: str
    outputs: tuple[TensorComparison, ...]
    layers: tuple[TensorComparison, ...]
    not_compared: tuple[str, ...]
    first_difference: str | None

    def to_json(self) -> str:
        """The report as a JSON object, its keys named like the attributes."""
        return json.dumps(asdict(self), indent=2)

    def __str__(self) -> str:
        verdict = "agree" if self.passed else "DIFFER"
        head = f"Keras and {self.runtime} {verdict} on {self.samples} samples (tolerance {self.tolerance:g})"
        parts = [head, _table("output", self.outputs)]
        if self.layers:
            parts.append(_table("layer", self.layers))
        if self.not_compared:
            shown = ", ".join(
                [*self.not_compared[:_NAMES_SHOWN], *(["..."] if len(self.not_compared) > _NAMES_SHOWN else [])]
            )
            parts.append(f"Not compared, no tensors of their own in the file ({len(self.not_compared)}): {shown}")
        if self.first_difference is not None:
            parts.append(f"First layer that differs: {self.first_difference}")
        return "\n\n".join(parts)


def _table(kind: str, rows: tuple[TensorComparison, ...]) -> str:
    cells = [
        [row.name, f"{row.max_absolute_error:.2e}", f"{row.max_relative_error:.2e}", str(row.undecided),
         "yes" if row.agrees else "NO"]
        for row in rows
    ]  # fmt: skip
    return render_table([kind, "absolute error", "relative error", "undecided", "agrees"], cells, numbers=(1, 2, 3))
