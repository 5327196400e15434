# SPDX-License-Identifier: Apache-2.0
"""A run as one page, and its charts as pictures."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tfsparse.conversion.files import check_writable, write_atomically
from tfsparse.errors import ConversionError, InvalidArgumentError, RuntimeUnavailableError
from tfsparse.report.run_record import RunRecord, read_run

if TYPE_CHECKING:
    from tfsparse.datasets import Dataset
    from tfsparse.report.chart import Absent, Chart
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
    """Writes a page about a run of `tfsparse train`, finished or not.

    The page is one HTML file that loads nothing: pictures, style and tables are in it.

    Args:
        folder: The run's folder.
        dataset: The run's data. With it, multiply-accumulates by layer, energies, winners and activations are measured
            and shown, too.
        output: The file to write; `None`: `report.html` in the run's folder, which may replace an older one.
        png: A folder, made if it is not there, for the charts as PNG files; `None`: none are written.
        samples: Test samples to measure on, and training samples to measure energies on; 1 or more, default 500.
        overwrite: Whether `output` and files in `png` may replace others.
        note: Is told what is being done.

    Returns:
        What was written, and what is missing.

    Raises:
        InvalidArgumentError: There is no run in the folder, its files are damaged, or the data does not fit it.
        ModelFormatError: A stage's model cannot be read.
        ConversionError: A file exists already, or cannot be written.
        RuntimeUnavailableError: A package that reports need is missing.
    """
    _require_packages()
    if samples < 1:
        raise InvalidArgumentError("Invalid `samples`.", expected="1 or more", received=samples)
    run = read_run(folder)
    page = output or folder / PAGE
    check_writable(page, overwrite=overwrite or output is None)
    if png is not None:
        _check_folder(png, overwrite)
    measured = None
    if dataset is not None and run.done:
        from tfsparse.report.measuring import measure

        measured = measure(run, dataset, samples, note)
    note("Drawing")
    return _write(run, measured, page, png)


def _write(run: RunRecord, measured: Measurements | None, page: Path, png: Path | None) -> Report:
    from tfsparse.report.chart import Absent, Chart
    from tfsparse.report.charts import draw_charts
    from tfsparse.report.heading import heading_of
    from tfsparse.report.page import render_page
    from tfsparse.report.results_table import results_table
    from tfsparse.report.theme import drawing

    with drawing():
        drawn = list(draw_charts(run, measured))
        charts = [each for each in drawn if isinstance(each, Chart)]
        absent = [each for each in drawn if isinstance(each, Absent)]
        heading = heading_of(run, measured.notes if measured is not None else ())
        text = render_page(heading, results_table(run), charts, absent)
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
