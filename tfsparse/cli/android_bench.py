# SPDX-License-Identifier: Apache-2.0
"""`tfsparse android bench`: measures on one phone or several at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tfsparse.cli.android_bench_jobs import BenchArguments, make_job
from tfsparse.cli.android_options import AdbPath, Every, Serials, choose_phones
from tfsparse.cli.android_phones_output import phone_bars, print_phones
from tfsparse.cli.console import err, report
from tfsparse.cli.options import Json, Runs, Threads, Warmup

if TYPE_CHECKING:
    from tfsparse.android.phones_result import Measurement, PhoneReport, PhonesResult

_NOT_ALL = 1
_GIVEN = "COMMANDLINE"
"""Source of an option's value, as Typer calls it."""


class DelegateName(str, Enum):
    """What can run a model in the app."""

    tfsparse = "tfsparse"
    xnnpack = "xnnpack"
    cpu = "cpu"
    gpu = "gpu"
    nnapi = "nnapi"


_APP, _NATIVE, _STOCK = "With the app", "With --native", "With --benchmark-model"


def android_bench(
    ctx: typer.Context,
    sparse: Annotated[
        Path | None, typer.Argument(help="A `.tflite` file.", show_default=False, metavar="SPARSE")
    ] = None,
    against: Annotated[Path | None, typer.Option(help="The model to compare with, usually the dense one.")] = None,
    threads: Threads = 1,
    runs: Runs = 100,
    warmup: Warmup = 10,
    isa: Annotated[str, typer.Option(help="Instruction set of the winner operators' kernels.")] = "auto",
    serials: Serials = [],  # noqa: B006
    every: Every = False,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that each phone has, installing included.")] = 900,
    retries: Annotated[int, typer.Option(min=0, help="How often a phone may vanish and come back.")] = 2,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for every result as the phone wrote it.")
    ] = Path("phone-results"),
    adb: AdbPath = None,
    json: Json = None,
    apk: Annotated[
        Path | None,
        typer.Option(help="The app, to be installed before.", exists=True, dir_okay=False, rich_help_panel=_APP),
    ] = None,
    sparse_delegate: Annotated[
        DelegateName, typer.Option(help="What runs SPARSE.", rich_help_panel=_APP)
    ] = DelegateName.tfsparse,
    dense_delegate: Annotated[
        DelegateName, typer.Option(help="What runs --against.", rich_help_panel=_APP)
    ] = DelegateName.xnnpack,
    data: Annotated[
        Path | None,
        typer.Option(help="An .npz file with x_test and y_test, for inputs and accuracy.", rich_help_panel=_APP),
    ] = None,
    samples: Annotated[
        int | None, typer.Option(min=1, help="Only the first so many of --data.", rich_help_panel=_APP)
    ] = None,
    cool: Annotated[bool, typer.Option("--cool", help="Wait until the phone is cool.", rich_help_panel=_APP)] = False,
    cool_timeout: Annotated[
        int, typer.Option(min=1, help="Seconds to wait for that at most.", rich_help_panel=_APP)
    ] = 300,
    layers: Annotated[
        bool, typer.Option(help="Measure every layer too, in runs of their own.", rich_help_panel=_APP)
    ] = True,
    native: Annotated[
        bool, typer.Option("--native", help="Measure the kernels alone; needs no app.", rich_help_panel=_NATIVE)
    ] = False,
    network: Annotated[
        list[str], typer.Option(help="Only layers of this network; several times.", rich_help_panel=_NATIVE)
    ] = [],  # noqa: B006
    winner_rates: Annotated[str, typer.Option(help="Numbers and commas.", rich_help_panel=_NATIVE)] = "0.3,0.5",
    bench_binary: Annotated[
        Path | None,
        typer.Option(
            help="The program, if it is not the one built here.", exists=True, dir_okay=False, rich_help_panel=_NATIVE
        ),
    ] = None,
    benchmark_model: Annotated[
        Path | None,
        typer.Option(
            help="LiteRT's program, for the phone's ABI.", exists=True, dir_okay=False, rich_help_panel=_STOCK
        ),
    ] = None,
    delegate_library: Annotated[
        Path | None,
        typer.Option(
            help="libtfsparse_jni.so, if not the one built here.",
            exists=True,
            dir_okay=False,
            rich_help_panel=_STOCK,
        ),
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Calls for each model, by turns.", rich_help_panel=_STOCK)] = 10,
) -> None:
    """Measure a model, and another one by turns, on one phone or several side by side.

    With the benchmark app, which is what an app of yours would see; or without it the kernels alone (--native), or
    LiteRT's own benchmark_model. What is missing on a phone is brought there first; a phone that vanishes is waited
    for; Ctrl-C stops the phones.

    Examples:

        tfsparse android bench sparse.tflite --against dense.tflite --apk build/android/tfsparse-bench.apk

        tfsparse android bench sparse.tflite --against dense.tflite --data mnist.npz --cool --all --json phones.json

        tfsparse android bench --native --network resnet18

        tfsparse android bench sparse.tflite --against dense.tflite --benchmark-model ./benchmark_model
    """
    values = {name: value for name, value in ctx.params.items() if name in BenchArguments.__dataclass_fields__}
    arguments = BenchArguments(**{name: getattr(value, "value", value) for name, value in values.items()})
    arguments.check({name for name in values if getattr(ctx.get_parameter_source(name), "name", "") == _GIVEN})
    result, interrupted = _measure(arguments, serials, every, timeout, retries, output, adb)
    if interrupted:
        print_phones(result)
        raise KeyboardInterrupt
    report(result, json, lambda: print_phones(result))
    if any(phone.error for phone in result.phones):
        raise typer.Exit(_NOT_ALL)


def _measure(
    arguments: BenchArguments,
    serials: Sequence[str],
    every: bool,
    timeout: float,
    retries: int,
    output: Path,
    adb: str | None,
) -> tuple[PhonesResult, bool]:
    from tfsparse.android.adb import Adb
    from tfsparse.android.app_job import request_id
    from tfsparse.android.phones_result import SCHEMA_VERSION, PhonesResult
    from tfsparse.android.side_by_side import measure_phones

    date = datetime.now(timezone.utc).isoformat(timespec="seconds")
    stop = threading.Event()
    driver = Adb(adb, stop)
    chosen = choose_phones(driver, serials, every)
    job = make_job(arguments, {serial: request_id(serial) for serial in chosen})
    output.mkdir(parents=True, exist_ok=True)  # where this fails, it does before the phones have worked
    with phone_bars(chosen) as say:
        phones = measure_phones(
            driver, stop, chosen, job, retries=retries, timeout_s=timeout, say=say, done=_keeper(output)
        )
    settings = {**arguments.settings(), "timeout_s": timeout, "retries": retries}
    return PhonesResult(SCHEMA_VERSION, date, arguments.kind, settings, phones), stop.is_set()


def _keeper(output: Path) -> Callable[[PhoneReport, Measurement | None], None]:
    """Writes what a phone brings home at once, so that nothing is lost if another one fails."""
    from tfsparse.android.pull import keep, phone_folder

    def done(phone: PhoneReport, measurement: Measurement | None) -> None:
        if measurement is not None and keep(output, phone.serial, measurement.name, measurement.content):
            err.print(f"Wrote {phone_folder(output, phone.serial) / measurement.name}", soft_wrap=True)

    return done
