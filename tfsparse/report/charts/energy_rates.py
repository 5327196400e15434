# SPDX-License-Identifier: Apache-2.0
"""How much of its energy each layer's input keeps at each winner rate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from tfsparse.report.chart import Absent, Chart, DataTable
from tfsparse.report.charts.axes import MOST_COLORS, below_or_by_depth, curve_color
from tfsparse.report.numbers import decimal, percent
from tfsparse.report.theme import WIDTH

TITLE = "Energy against winner rate"
_POINTS = 200
_SHARES = (0.8, 0.9, 0.95, 0.99, 0.999)


@dataclass(frozen=True)
class EnergyCurve:
    """Energy kept by the winner rate.

    Args:
        rates: Winner rates, ascending, 0 to 1.
        energies: Share of the energy that they keep, 0 to 1.
    """

    rates: np.ndarray
    energies: np.ndarray

    def rate_at(self, energy: float) -> float:
        """The first of the rates that keeps so much energy."""
        return float(self.rates[np.argmax(self.energies >= energy - 1e-9)])


def measured_curves(energies: Mapping[str, np.ndarray]) -> dict[str, EnergyCurve]:
    """Curves from energies in descending order, one per channel or neuron; none for a layer that reads zeros alone."""
    alive = {name: found for name, found in energies.items() if found.sum() > 0}
    return {
        name: EnergyCurve(
            np.arange(len(found) + 1) / len(found), np.concatenate([[0.0], np.cumsum(found)]) / found.sum()
        )
        for name, found in alive.items()
    }


def recorded_curves(facts: Mapping[str, Any]) -> dict[str, EnergyCurve]:
    """The curves that a stage recorded while it looked for winner rates; none if it did not."""
    recorded = facts.get("energy_curves", {"energy": [], "rates": {}})
    return {
        name: EnergyCurve(np.asarray(rates), np.asarray(recorded["energy"]))
        for name, rates in recorded["rates"].items()
    }


def energy_rates(source: str, curves: Mapping[str, EnergyCurve], rates: Mapping[str, float]) -> Chart | Absent:
    """Draws a curve for each layer that can read winners.

    Args:
        source: Which network was measured.
        curves: Curve by the name of the layer.
        rates: Winner rates that were chosen in the end, of those layers that have one.
    """
    if not curves:
        return Absent(TITLE, "No layer could read winners, or all of them read zeros alone.")
    figure = Figure(figsize=(WIDTH, 3.6 + 0.1 * min(len(curves), MOST_COLORS)))
    axes = figure.subplots()
    for index, (name, curve) in enumerate(curves.items()):
        color = curve_color(index, len(curves))
        shown = np.unique(np.linspace(0, len(curve.rates) - 1, _POINTS).round().astype(int))
        axes.plot(curve.rates[shown], 100 * curve.energies[shown], color=color, label=f" {name}")
        if name in rates:
            kept = 100 * np.interp(rates[name], curve.rates, curve.energies)
            axes.plot(rates[name], kept, "o", color=color, markersize=6)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 104)
    axes.set_xlabel("winner rate")
    axes.set_ylabel("energy that the winners keep, %")
    below_or_by_depth(figure, axes, len(curves))
    return Chart(
        key="energy-rates",
        title=TITLE,
        caption=(
            f"Cumulative energy of the strongest channels or neurons that each layer reads, {source}: squared "
            "activations for neurons, eigenvalues for channels. The steeper a curve, the fewer winners suffice."
            + (" Dots are at the winner rates that were chosen." if rates else "")
        ),
        alt=_sentence(curves),
        figure=figure,
        table=DataTable(
            ("layer", *(f"rate at {percent(share, digits=1)} energy" for share in _SHARES), "chosen rate"),
            [_row(name, curve, rates.get(name)) for name, curve in curves.items()],
        ),
    )


def _row(name: str, curve: EnergyCurve, chosen: float | None) -> list[str]:
    return [name, *(decimal(rate, 3) for rate in (*(curve.rate_at(share) for share in _SHARES), chosen))]


def _sentence(curves: Mapping[str, EnergyCurve]) -> str:
    rates = {name: curve.rate_at(0.99) for name, curve in curves.items()}
    low, high = min(rates, key=rates.__getitem__), max(rates, key=rates.__getitem__)
    return (
        f"{len(rates)} curves. 99 % of the energy needs a winner rate from {rates[low]:.2f} in {low} to "
        f"{rates[high]:.2f} in {high}"
    )
