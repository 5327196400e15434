# SPDX-License-Identifier: Apache-2.0
"""The charts of a report, one a file, and the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tfsparse.report.chart import Absent, Chart
from tfsparse.report.charts import activation_histograms as histograms
from tfsparse.report.charts import energy_rates, layer_macs, winner_map
from tfsparse.report.charts.accuracy_macs import accuracy_against_macs
from tfsparse.report.charts.search_rounds import search_rounds
from tfsparse.report.charts.stage_history import stage_history
from tfsparse.report.run_record import RunRecord, StageRecord

if TYPE_CHECKING:
    from tfsparse.report.measuring import Measurements

_MEASURED = (layer_macs.TITLE, layer_macs.DROPS, winner_map.TITLE, histograms.TITLE)


def draw_charts(run: RunRecord, measured: Measurements | None) -> Iterator[Chart | Absent]:
    """All charts of a run, in the order of the page.

    Args:
        run: The run.
        measured: What was measured on samples; `None`: charts that need it are absent.
    """
    yield accuracy_against_macs(run)
    yield from search_rounds(run)
    yield _energy_rates(run, measured)
    if measured is not None:
        yield from _measured_charts(run.done, run.dense, measured)
    yield stage_history(run)
    if measured is None:
        yield from (Absent(title, _need(run)) for title in _MEASURED)


def _need(run: RunRecord) -> str:
    return (
        "Needs samples: give --data, the data that the run was trained on." if run.done else "Needs a finished stage."
    )


def _energy_rates(run: RunRecord, measured: Measurements | None) -> Chart | Absent:
    rates = _chosen_rates(run.done)
    if measured is not None:
        curves = energy_rates.measured_curves(measured.energies)
        return energy_rates.energy_rates(f"in the network after {run.dense.name}", curves, rates)
    recorded = {stage.name: energy_rates.recorded_curves(stage.facts) for stage in run.done}
    found = [(name, curves) for name, curves in recorded.items() if curves]
    if not found:
        return Absent(energy_rates.TITLE, _need(run))
    name, curves = found[-1]
    return energy_rates.energy_rates(f"in the network before {name}", curves, rates)


def _measured_charts(
    done: tuple[StageRecord, ...], dense: StageRecord, measured: Measurements
) -> Iterator[Chart | Absent]:
    last = done[-1]
    yield layer_macs.layer_macs(last.name, measured.profiles[last.name])
    yield layer_macs.layer_drops(measured.profiles)
    if measured.winners:
        yield winner_map.winner_map(measured.winners, measured.samples)
    else:
        yield Absent(winner_map.TITLE, f"The network after {last.name} has no winners-take-all masks.")
    if measured.activations:
        stages = dense.name, last.name
        yield histograms.activation_histograms(stages, measured.activations, measured.samples)
    else:
        yield Absent(histograms.TITLE, "There are no ReLUs in two stages that could be compared.")


def _chosen_rates(done: tuple[StageRecord, ...]) -> dict[str, float]:
    """Winner rates that the last search for them settled on, by the name of the layer."""
    taken = [stage.facts["rounds"][stage.facts["best_round"] - 1] for stage in done if stage.facts.get("rounds")]
    return next((each["rates"] for each in reversed(taken) if "rates" in each), {})
