# SPDX-License-Identifier: Apache-2.0
"""What differs between two measurements besides their times, and what makes either of them doubtful."""

from __future__ import annotations

from collections.abc import Iterator

from tfsparse.bench.result import BenchResult, Side

COOL = ("none", "light")
"""Thermal states in which a phone does not slow itself down."""


def differences(base: BenchResult, new: BenchResult, few_runs: int) -> list[str]:
    """One sentence for each thing that weakens the comparison of two results.

    Args:
        base: The one result.
        new: The other.
        few_runs: Fewer runs than this are named.
    """
    found = [f"{what} differs: {a} and {b}" for what, a, b in _facts(base, new) if a != b]
    for which, result in (("the first", base), ("the other", new)):
        found += [f"{which} result: {doubt}" for doubt in _doubts(result, few_runs)]
    return found


def _facts(base: BenchResult, new: BenchResult) -> Iterator[tuple[str, object, object]]:
    """What must be the same in both, as (name, here, there)."""
    for name in ("device", "soc", "architecture", "system", "cores", "affinity"):
        yield name, getattr(base.machine, name), getattr(new.machine, name)
    yield "governor", _governors(base), _governors(new)
    for name in ("runtime", "isa", "threads", "batch", "input"):
        yield name, getattr(base, name), getattr(new, name)
    yield "version of the runtime", base.versions.get("runtime"), new.versions.get("runtime")
    yield "number of models", 1 + bool(base.dense), 1 + bool(new.dense)
    yield from _side_facts("sparse", base.sparse, new.sparse)
    if base.dense and new.dense:
        yield from _side_facts("dense", base.dense, new.dense)


def _side_facts(which: str, base: Side, new: Side) -> Iterator[tuple[str, object, object]]:
    yield f"name of the {which} model", base.model, new.model
    yield f"size of the {which} model", f"{base.bytes} bytes", f"{new.bytes} bytes"
    yield f"work of the {which} model", f"{base.macs.computed} MACs", f"{new.macs.computed} MACs"
    yield f"delegate of the {which} model", base.delegate, new.delegate
    yield f"accuracy of the {which} model", _accuracy(base), _accuracy(new)


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
