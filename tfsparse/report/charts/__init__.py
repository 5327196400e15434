# SPDX-License-Identifier: Apache-2.0
"""The charts of a report, one a file, and the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tfsparse.report.chart import Absent, Chart
from tfsparse.report.charts import activation_histograms as histograms
from tfsparse.report.charts import energy_rates, layer_macs, winner_map
from tfsparse.report.charts.accuracy_macs import accuracy_against_macs
from tfsparse.report.charts.layer_shares import layer_shares
from tfsparse.report.charts.search_front import search_front
from tfsparse.report.charts.search_rounds import search_rounds
from tfsparse.report.charts.sensitivity_curves import sensitivity_curves
from tfsparse.report.charts.stage_history import stage_history
from tfsparse.report.layer_counts import NetworkCount
from tfsparse.report.run_record import RunRecord, StageRecord

if TYPE_CHECKING:
    from tfsparse.report.measuring import Measurements
    from tfsparse.search.result import SearchResult

_MEASURED = (winner_map.TITLE, histograms.TITLE)


def draw_run(run: RunRecord, measured: Measurements | None) -> Iterator[Chart | Absent]:
    """All charts of a run, in the order of the page.

    Args:
        run: The run.
        measured: What was measured on samples; `None`: charts that need it are absent.
    """
    yield accuracy_against_macs(run)
    yield from search_rounds(run)
    yield _energy_rates(run, measured)
    yield from _layers(run, measured)
    if measured is not None:
        yield from _measured_charts(run.done, run.dense, measured)
    yield stage_history(run)
    if measured is None:
        yield from (Absent(title, _need(run)) for title in _MEASURED)


def draw_search(found: SearchResult) -> Iterator[Chart | Absent]:
    """All charts of a search, in the order of the page."""
    yield search_front(found)
    yield layer_shares(found)
    yield from sensitivity_curves(found)


def _need(run: RunRecord) -> str:
    if not run.done:
        return "Needs a finished stage."
    return f"Needs samples: give --data, the data that the run was trained on{_place_of_data(run)}."


def _place_of_data(run: RunRecord) -> str:
    return "" if run.data_origin is None else f" ({run.data_origin['source'] or 'digits'})"


def _layers(run: RunRecord, measured: Measurements | None) -> Iterator[Chart | Absent]:
    counts = _counts(run.done, measured)
    if len(counts) < max(1, len(run.done)):
        yield from (Absent(title, _need(run)) for title in (layer_macs.TITLE, layer_macs.DROPS))
        return
    yield layer_macs.layer_macs(run.done[-1].name, counts[run.done[-1].name])
    yield layer_macs.layer_drops(counts)


def _counts(done: tuple[StageRecord, ...], measured: Measurements | None) -> dict[str, NetworkCount]:
    """Those that the stages recorded, and those that were measured in place of missing ones."""
    missing = measured.counts if measured is not None else {}
    found = {stage.name: stage.counts or missing.get(stage.name) for stage in done}
    return {name: counts for name, counts in found.items() if counts is not None}


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
