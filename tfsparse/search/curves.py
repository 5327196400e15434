# SPDX-License-Identifier: Apache-2.0
"""What each layer of a trained network bears: accuracy against its winner rate. Needs no Keras."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tfsparse.tables import render_table

WINNERS, WEIGHTS = "winners", "weights"
"""Kinds of curves: what is turned down."""


@dataclass(frozen=True)
class Point:
    """The network with one layer turned down.

    Args:
        level: Winners (of the curve's `units`), or hundredths of the weights that stay.
        share: `level / units`: the winner rate, or the share of weights that stay.
        accuracy: On the validation samples, 0 to 1.
        loss: Mean cross-entropy on them, in nats.
        macs: MACs of the whole network for one sample.
    """

    level: int
    share: float
    accuracy: float
    loss: float
    macs: int


@dataclass(frozen=True)
class Curve:
    """How accuracy falls with one winner rate or weight sparsity, all else being dense.

    Args:
        name: What is turned down: `"winners of conv2"`.
        kind: `"winners"` or `"weights"`.
        layers: The layers that it is set for.
        units: Channels or neurons of which winners are chosen; 100 for weights.
        points: From the highest share to the lowest.
    """

    name: str
    kind: str
    layers: tuple[str, ...]
    units: int
    points: tuple[Point, ...]

    def lowest_share(self, accuracy: float) -> float:
        """The smallest share down to which each point is at least so accurate; 1 if there is none."""
        share = 1.0
        for point in self.points:
            if point.accuracy < accuracy:
                break
            share = point.share
        return share


@dataclass(frozen=True)
class Sensitivity:
    """The curves of all layers; `print` shows what each layer bears.

    Args:
        model: Name of the model.
        samples: Number of validation samples.
        accuracy: Accuracy of the dense model, 0 to 1.
        loss: Mean cross-entropy of the dense model, in nats.
        macs: MACs of the dense model for one sample.
        curves: One per mask, in the order of the network, then one per kernel.
    """

    model: str
    samples: int
    accuracy: float
    loss: float
    macs: int
    curves: tuple[Curve, ...]

    @classmethod
    def from_dict(cls, content: dict[str, Any]) -> Sensitivity:
        """The curves out of their JSON object."""
        curves = [
            Curve(**{**curve, "layers": tuple(curve["layers"]), "points": tuple(Point(**p) for p in curve["points"])})
            for curve in content["curves"]
        ]
        return cls(**{**content, "curves": tuple(curves)})

    def to_json(self) -> str:
        """The curves as a JSON object with the names of the attributes as keys."""
        return json.dumps(asdict(self), indent=2)

    def plot(self, path: str | os.PathLike[str]) -> None:
        """Draws accuracy against winner rate, a line for each layer, or a heat map if there are many.

        Args:
            path: File to write: SVG, PNG or PDF by its ending. Written as a whole or not at all.

        Raises:
            InvalidArgumentError: The ending is unknown.
            RuntimeUnavailableError: matplotlib is missing.
        """
        from tfsparse.search.sensitivity_plot import plot_sensitivity

        plot_sensitivity(self, Path(path))

    def __str__(self) -> str:
        losses = (0.001, 0.005, 0.01, 0.05)
        rows = [
            [curve.name, f"{curve.units}", *(f"{curve.lowest_share(self.accuracy - lost):.1%}" for lost in losses)]
            for curve in self.curves
        ]
        header = ["lowest share of", "units", *(f"at -{lost:.1%}" for lost in losses)]
        table = render_table(header, rows, numbers=range(1, len(header)))
        return f"{self.model}: {self.accuracy:.2%} on {self.samples:,} samples, {self.macs:,} MACs\n\n{table}"
