# SPDX-License-Identifier: Apache-2.0
"""Measures the sections one after the other."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone

import tfsparse
from tfsparse.bench.machine import describe_machine
from tfsparse.bench.suite.result import SCHEMA_VERSION, SectionResult, SuiteResult
from tfsparse.bench.suite.rows import Row
from tfsparse.bench.suite.sections import SECTIONS, Point, Section
from tfsparse.bench.suite.settings import Settings
from tfsparse.bench.timing import Progress, no_progress
from tfsparse.errors import InvalidArgumentError
from tfsparse.runtime.library import NativeLibrary, load_library
from tfsparse.runtime.runtimes import Runtime, load_runtime

ProgressBar = Callable[[str, int], AbstractContextManager[Progress]]
"""Makes a bar from a label and a number of steps; gives what to call after each step."""


def find_sections(names: Sequence[str]) -> list[Section]:
    """The sections of these names, or all where there are none.

    Raises:
        InvalidArgumentError: A name is unknown.
    """
    known = {section.name: section for section in SECTIONS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidArgumentError("Unknown section.", expected=f"one of {', '.join(known)}", received=unknown[0])
    return [section for name, section in known.items() if name in names or not names]


def run_suite(
    settings: Settings,
    sections: Sequence[Section] = SECTIONS,
    *,
    bar: ProgressBar = lambda *_: nullcontext(no_progress),
    show: Callable[[SectionResult], None] = lambda _: None,
) -> SuiteResult:
    """Measures sections; what several of them need is measured once.

    Args:
        settings: How much to measure.
        sections: What to measure.
        bar: Shows the progress of a section.
        show: Called with each section when it is done.

    Raises:
        RuntimeUnavailableError: The interpreter package or the native library is missing.
    """
    date = datetime.now(timezone.utc).isoformat(timespec="seconds")
    library, runtime = load_library(), load_runtime(settings.runtime)
    measured: dict[Point, list[Row]] = {}
    results = []
    for section in sections:
        points = list(dict.fromkeys(section.points(settings)))
        missing = [point for point in points if point not in measured]
        with bar(section.name, len(missing)) as advance:
            for point in missing:
                measured[point] = point.measure(settings)
                advance()
        results.append(_judged(section, [row for point in points for row in measured[point]]))
        show(results[-1])
    return SuiteResult(
        schema_version=SCHEMA_VERSION,
        date=date,
        machine=describe_machine(),
        versions=_versions(library, runtime),
        runtime=runtime.name,
        isa=library.isa,
        threads=list(settings.threads),
        winner_rates=list(settings.rates),
        sections=results,
    )


def _judged(section: Section, rows: list[Row]) -> SectionResult:
    chosen = section.select(rows)
    verdicts = [verdict for target in section.targets for verdict in target.judge(section.name, chosen)]
    return SectionResult(section.name, section.title, section.setting, section.metric.name, chosen, verdicts)


def _versions(library: NativeLibrary, runtime: Runtime) -> dict[str, str]:
    return {
        "tfsparse": tfsparse.__version__,
        "library": library.version,
        "runtime": runtime.version,
        "python": platform.python_version(),
    }
