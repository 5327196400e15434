# SPDX-License-Identifier: Apache-2.0
"""A run or a search as one page, and its charts as pictures."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfsparse.conversion.files import check_writable, write_atomically
from tfsparse.errors import ConversionError, InvalidArgumentError, RuntimeUnavailableError
from tfsparse.report.run_record import RunRecord, read_run
from tfsparse.report.search_record import is_search, read_search
from tfsparse.search.result import SearchResult
from tfsparse.training.memory import explaining_memory

if TYPE_CHECKING:
    from tfsparse.datasets import Dataset
    from tfsparse.report.chart import Absent, Chart
    from tfsparse.report.heading import Heading, Results
    from tfsparse.report.measuring import Measurements

PAGE = "report.html"
SAMPLES = 500


@dataclass(frozen=True)
class Report:
    """What was written.

    Args:
        page: The page.
        pictures: PNG files of the charts.
        absent: Charts that are missing, and why.
    """

    page: Path
    pictures: tuple[Path, ...]
    absent: tuple[Absent, ...]


@dataclass(frozen=True)
class _Contents:
    heading: Heading
    results: Results | None
    drawn: tuple[Chart | Absent, ...]


def write_report(
    folder: Path,
    dataset: Dataset | None = None,
    *,
    output: Path | None = None,
    png: Path | None = None,
    samples: int = SAMPLES,
    overwrite: bool = False,
    note: Callable[[str], None] = lambda text: None,
) -> Report:
    """Writes a page about a run of `tfsparse train`, finished or not, or about a finished `tfsparse search`.

    The page is one HTML file that loads nothing: pictures, style and tables are in it.

    Args:
        folder: The folder of the run or search.
        dataset: The run's data. With it, energies, winners and activations are measured and shown, too. The page of a
            search has no use for it.
        output: The file to write; `None`: `report.html` in the folder, which may replace an older one.
        png: A folder, made if it is not there, for the charts as PNG files; `None`: none are written.
        samples: Test samples to measure on, and training samples to measure energies on; 1 or more, default 500.
        overwrite: Whether `output` and files in `png` may replace others.
        note: Is told what is being done.

    Returns:
        What was written, and what is missing.

    Raises:
        InvalidArgumentError: There is neither in the folder, its files are damaged, or the data does not fit it.
        ModelFormatError: A stage's model cannot be read.
        TrainingError: There is too little memory to measure.
        ConversionError: A file exists already, or cannot be written.
        RuntimeUnavailableError: A package that reports need is missing.
    """
    _require_packages()
    if samples < 1:
        raise InvalidArgumentError("Invalid `samples`.", expected="1 or more", received=samples)
    record = read_search(folder) if is_search(folder) else read_run(folder)
    page = output or folder / PAGE
    check_writable(page, overwrite=overwrite or output is None)
    if png is not None:
        _check_folder(png, overwrite)
    if isinstance(record, SearchResult):
        return _write(functools.partial(_of_search, folder, record), page, png, note)
    measured = None
    if dataset is not None and record.done:
        from tfsparse.report.measuring import measure

        with explaining_memory("Lower the number of samples: samples=100, or --samples 100."):
            measured = measure(record, dataset, samples, note)
    return _write(functools.partial(_of_run, record, measured), page, png, note)


def _of_run(run: RunRecord, measured: Measurements | None) -> _Contents:
    from tfsparse.report.charts import draw_run
    from tfsparse.report.results_table import results_table
    from tfsparse.report.run_heading import run_heading

    heading = run_heading(run, measured.notes if measured is not None else ())
    return _Contents(heading, results_table(run), tuple(draw_run(run, measured)))


def _of_search(folder: Path, found: SearchResult) -> _Contents:
    from tfsparse.report.charts import draw_search
    from tfsparse.report.search_heading import search_heading, search_table

    return _Contents(search_heading(folder, found), search_table(found), tuple(draw_search(found)))


def _write(contents_of: Callable[[], _Contents], page: Path, png: Path | None, note: Callable[[str], None]) -> Report:
    from tfsparse.report.chart import Absent, Chart
    from tfsparse.report.page import render_page
    from tfsparse.report.theme import drawing

    note("Drawing")
    with drawing():
        contents = contents_of()
        charts = [each for each in contents.drawn if isinstance(each, Chart)]
        absent = [each for each in contents.drawn if isinstance(each, Absent)]
        text = render_page(contents.heading, contents.results, charts, absent)
        pictures = _write_pictures(charts, png) if png is not None else ()
    write_atomically(page, text.encode())
    return Report(page, pictures, tuple(absent))


def _write_pictures(charts: list[Chart], folder: Path) -> tuple[Path, ...]:
    from tfsparse.report.images import as_png

    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / f"{chart.key}.png": chart for chart in charts}
    for path, chart in files.items():
        write_atomically(path, as_png(chart.figure))
    return tuple(files)


def _check_folder(folder: Path, overwrite: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise ConversionError(f"{folder} is a file.", expected="a folder, which is made if it is not there")
    if folder.is_dir() and any(folder.glob("*.png")) and not overwrite:
        raise ConversionError(
            f"{folder} holds pictures already.",
            remedy="Choose another folder, or allow overwriting: overwrite=True, or --overwrite.",
        )


def _require_packages() -> None:
    for package in ("matplotlib", "jinja2"):
        if importlib.util.find_spec(package) is None:
            raise RuntimeUnavailableError(
                f"Reports need {package}, which is missing.", remedy="Install it: pip install 'tfsparse[report]'."
            )
