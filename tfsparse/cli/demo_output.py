# SPDX-License-Identifier: Apache-2.0
"""What `tfsparse demo` shows and keeps."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from tfsparse.cli.console import err, in_millions, in_size, plain_table, progress_bar
from tfsparse.errors import InvalidArgumentError

if TYPE_CHECKING:
    from tfsparse.demo import DemoResult

_RESULT, _PICTURE = "result.json", "result.svg"
_MODELS = ("dense.keras", "sparse.keras", "dense.tflite", "sparse.tflite")
_PICTURE_WIDTH = 60


@contextlib.contextmanager
def shown_stage(label: str, steps: int | None = None) -> Iterator[Callable[[], None]]:
    """Shows a bar while a stage runs, and a line with its duration when it is done."""
    started = time.monotonic()
    if steps is None:
        err.print(f"{label} ...")
        yield lambda: None
    else:
        with progress_bar(label, steps) as advance:
            yield advance
    err.print(f"{label}: {time.monotonic() - started:.1f} s")


def check_output(folder: Path, overwrite: bool) -> None:
    """Refuses a folder that holds files of the demo already, before the long work starts.

    Raises:
        InvalidArgumentError: A file is there and must not be replaced, or the folder is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise InvalidArgumentError(f"{folder} is no folder.", expected="a folder, which is made if it is not there")
    there = [name for name in (*_MODELS, _RESULT, _PICTURE) if (folder / name).exists()]
    if there and not overwrite:
        raise InvalidArgumentError(
            f"{folder} holds {', '.join(there)} already.", remedy="Choose another folder, or add --overwrite."
        )


def keep(result: DemoResult, models: Path, folder: Path, overwrite: bool) -> None:
    """Writes the models, the result as JSON, and a picture of the table into a folder.

    Args:
        result: The result.
        models: Folder with the models.
        folder: Where to write; made if it is not there.
        overwrite: Whether files there may be replaced.
    """
    from tfsparse.conversion.files import check_writable, write_atomically

    folder.mkdir(parents=True, exist_ok=True)
    contents = {name: (models / name).read_bytes() for name in _MODELS}
    contents[_RESULT] = (result.to_json() + "\n").encode()
    contents[_PICTURE] = _picture(result).encode()
    for name, content in contents.items():
        check_writable(folder / name, overwrite)
        write_atomically(folder / name, content)
    err.print(f"Wrote {', '.join(contents)} to {folder}")


def _picture(result: DemoResult) -> str:
    console = Console(file=io.StringIO(), record=True, width=_PICTURE_WIDTH, markup=False, highlight=False)
    console.print(result_table(result))
    return console.export_svg(title="tfsparse demo")


def result_table(result: DemoResult) -> Table:
    """Dense and sparse side by side."""
    table = plain_table("\nDense and sparse in the stock interpreter")
    table.add_column("")
    table.add_column("dense", justify="right")
    table.add_column("sparse", justify="right")
    dense, sparse = result.bench.dense, result.bench.sparse
    if dense is None:
        raise TypeError(dense)
    table.add_row("accuracy", f"{result.dense_accuracy:.2%}", f"{result.sparse_accuracy:.2%}")
    for layer, rate in result.winner_rates.items():
        table.add_row(f"winner rate, {layer}", "100.0%", f"{rate:.1%}")
    table.add_row("feature maps pruned", "0.0%", f"{result.pruned_feature_maps:.1%}")
    table.add_row("weights pruned", "0.0%", f"{result.weight_sparsity:.1%}")
    table.add_row("MACs", in_millions(dense.macs.computed), in_millions(sparse.macs.computed))
    table.add_row("file size", in_size(dense.bytes), in_size(sparse.bytes))
    table.add_row("time, median", f"{dense.latency_ms.median:.3f} ms", f"{sparse.latency_ms.median:.3f} ms")
    table.add_row("of it finding winners", "", f"{sparse.ranking_ms:.3f} ms")
    return table


def summary(result: DemoResult) -> str:
    """The comparison in a sentence or two."""
    bench = result.bench
    if bench.speedup is None or bench.fraction_of_limit is None:
        raise TypeError(bench)
    return (
        f"The sparse model is {bench.speedup.value:.2f}x as fast as the dense one "
        f"({bench.fraction_of_limit:.0%} of what its MACs allow), {bench.threads} thread(s), {bench.runtime} "
        f"{bench.versions['runtime']}, {bench.isa}."
    )
