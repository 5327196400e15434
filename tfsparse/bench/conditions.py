# SPDX-License-Identifier: Apache-2.0
"""What differs between two measurements besides their times, and what makes either of them doubtful."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tfsparse.bench.result import BenchResult, Side

COOL = ("none", "light")
"""Thermal states in which a phone does not slow itself down."""


def differences(base: Sequence[BenchResult], new: Sequence[BenchResult], few_runs: int) -> list[str]:
    """One sentence for each thing that weakens the comparison of two measurements.

    Args:
        base: Results of the one, at least one.
        new: Results of the other.
        few_runs: Fewer runs than this are named.
    """
    facts = [dict(_facts(result)) for result in (*base, *new)]
    found = []
    for name in facts[0]:
        values = list(dict.fromkeys(str(told[name]) for told in facts if name in told))
        if len(values) > 1:
            found.append(f"{name} differs: {' and '.join(values)}")
    for which, results in (("the first", base), ("the other", new)):
        doubts = (doubt for result in results for doubt in _doubts(result, few_runs))
        found += [f"{which} measurement: {doubt}" for doubt in dict.fromkeys(doubts)]
    return found


def _facts(result: BenchResult) -> Iterator[tuple[str, object]]:
    """What must be the same in all results, by name."""
    for name in ("device", "soc", "architecture", "system", "cores", "affinity"):
        yield name, getattr(result.machine, name)
    yield "governor", _governors(result)
    for name in ("runtime", "isa", "threads", "batch", "input"):
        yield name, getattr(result, name)
    yield "version of the runtime", result.versions.get("runtime")
    yield "number of models", 1 + bool(result.dense)
    yield from _side_facts("sparse", result.sparse)
    if result.dense:
        yield from _side_facts("dense", result.dense)


def _side_facts(which: str, side: Side) -> Iterator[tuple[str, object]]:
    yield f"name of the {which} model", side.model
    yield f"size of the {which} model", f"{side.bytes} bytes"
    yield f"work of the {which} model", f"{side.macs.computed} MACs"
    yield f"delegate of the {which} model", side.delegate
    yield f"accuracy of the {which} model", _accuracy(side)


def _accuracy(side: Side) -> str:
    found = side.accuracy
    return "not measured" if found is None else f"{found.correct / found.samples:.2%} of {found.samples} samples"


def _governors(result: BenchResult) -> str:
    return ", ".join(sorted({cpu.governor for cpu in result.machine.cpus if cpu.governor})) or "unknown"


def _doubts(result: BenchResult, few_runs: int) -> Iterator[str]:
    runs = result.sparse.latency_ms.runs
    if runs < few_runs:
        yield f"only {runs} runs, of which {few_runs} are needed to show a difference"
    phone = result.machine.phone
    if phone is None:
        return
    for when, state in (("before", phone.thermal_before), ("after", phone.thermal_after)):
        if state is not None and state not in COOL:
            yield f"the phone was hot {when} the measurement (thermal status {state})"
    if phone.power_save:
        yield "the phone was saving its battery"
