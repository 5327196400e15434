# SPDX-License-Identifier: Apache-2.0
"""Turns the arguments of `tfsparse android bench` into the job of each phone."""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from tfsparse.android.side_by_side import Job

APP, NATIVE, STOCK = "app", "native", "benchmark_model"

_COMMON = {"threads", "runs", "warmup", "isa"}
_TAKES = {
    APP: {"sparse", "against", "sparse_delegate", "dense_delegate", "data", "samples", "cool", "cool_timeout", "layers",
          "apk"},
    NATIVE: {"native", "network", "winner_rates", "bench_binary"},
    STOCK: {"sparse", "against", "benchmark_model", "delegate_library", "rounds"},
}  # fmt: skip
"""What measures → the options that it takes; whatever is in none of these goes with all."""

_SHAPES = "layer_shapes.csv"


@dataclass(frozen=True)
class BenchArguments:
    """What was asked for; the attributes are named like the options."""

    sparse: Path | None
    against: Path | None
    threads: int
    runs: int
    warmup: int
    isa: str
    sparse_delegate: str
    dense_delegate: str
    data: Path | None
    samples: int | None
    cool: bool
    cool_timeout: int
    layers: bool
    apk: Path | None
    native: bool
    network: Sequence[str]
    winner_rates: str
    bench_binary: Path | None
    benchmark_model: Path | None
    delegate_library: Path | None
    rounds: int

    @property
    def kind(self) -> str:
        """What measures."""
        return NATIVE if self.native else STOCK if self.benchmark_model else APP

    def settings(self) -> dict[str, Any]:
        """What matters to what measures, for the record."""
        names = _COMMON | _TAKES[self.kind]
        return {name: _plain(value) for name, value in asdict(self).items() if name in names}

    def check(self, given: set[str]) -> None:
        """Refuses options that would have no effect.

        Args:
            given: Names of those that the user gave.
        """
        for name in sorted(given & (set().union(*_TAKES.values()) - _TAKES[self.kind])):
            takers = " and ".join(kind for kind, names in _TAKES.items() if name in names)
            raise typer.BadParameter(f"this is for {takers}, not for {self.kind}", param_hint=_option(name))
        if self.kind != NATIVE and self.sparse is None:
            raise typer.BadParameter("expected a .tflite file, or --native", param_hint="SPARSE")
        if self.samples is not None and self.data is None:
            raise typer.BadParameter("there are no samples without --data", param_hint="--samples")
        if self.sparse is not None and self.against is not None and self.sparse.name == self.against.name:
            raise typer.BadParameter("both models have the same name", param_hint="--against")


def _option(name: str) -> str:
    return name.upper() if name == "sparse" else "--" + name.replace("_", "-")


def _plain(value: Any) -> Any:
    return value.name if isinstance(value, Path) else value


def make_job(arguments: BenchArguments, requests: Mapping[str, str]) -> Job:
    """What every phone shall do."""
    makers = {APP: _app_job, NATIVE: _native_job, STOCK: _stock_job}
    return makers[arguments.kind](arguments, requests)


def _models(arguments: BenchArguments) -> list[Path]:
    return [path for path in (arguments.sparse, arguments.against) if path is not None]


def _app_job(arguments: BenchArguments, requests: Mapping[str, str]) -> Job:
    from tfsparse.android.app_job import AppJob
    from tfsparse.android.push import pack

    parcels = pack(_models(arguments), arguments.data, arguments.samples, layers=arguments.layers)
    data = next((parcel.name for parcel in parcels if parcel.name.endswith(".npz")), None)
    extras = {
        "sparse": arguments.sparse.name if arguments.sparse else None,
        "dense": arguments.against.name if arguments.against else None,
        "sparse_delegate": arguments.sparse_delegate,
        "dense_delegate": arguments.dense_delegate,
        "threads": arguments.threads,
        "runs": arguments.runs,
        "warmup": arguments.warmup,
        "isa": arguments.isa,
        "data": data,
        "samples": arguments.samples,
        "cool": str(arguments.cool).lower(),
        "cool_timeout_s": arguments.cool_timeout,
        "layers": str(arguments.layers).lower(),
    }
    given = {name: str(value) for name, value in extras.items() if value is not None}
    return AppJob(given, parcels, requests, arguments.apk)


def _native_job(arguments: BenchArguments, requests: Mapping[str, str]) -> Job:
    from tfsparse.android import layout
    from tfsparse.android.native_job import NativeJob
    from tfsparse.android.push import Parcel

    shapes = Parcel(
        (importlib.resources.files("tfsparse.bench.models") / _SHAPES).read_bytes(), f"{layout.DATA}/{_SHAPES}"
    )
    words = ["--layers", shapes.remote, "--winner-rates", arguments.winner_rates, "--isa", arguments.isa]
    for name in ("threads", "runs", "warmup"):
        words += [f"--{name}", str(getattr(arguments, name))]
    for network in arguments.network:
        words += ["--network", network]
    return NativeJob(words, [shapes], requests, arguments.bench_binary)


def _stock_job(arguments: BenchArguments, requests: Mapping[str, str]) -> Job:
    from tfsparse.android import layout
    from tfsparse.android.push import Parcel, pack
    from tfsparse.android.stock_job import PROGRAM, StockJob

    sparse, program = arguments.sparse, arguments.benchmark_model
    if sparse is None or program is None:
        raise typer.BadParameter("expected a .tflite file", param_hint="SPARSE")
    parcel = Parcel(program.read_bytes(), f"{layout.PROGRAMS}/{PROGRAM}", executable=True)
    return StockJob(
        sparse=sparse.name,
        dense=arguments.against.name if arguments.against else None,
        parcels=[parcel, *pack(_models(arguments))],
        requests=requests,
        rounds=arguments.rounds,
        runs=arguments.runs,
        warmup=arguments.warmup,
        threads=arguments.threads,
        isa=arguments.isa,
        library=arguments.delegate_library,
    )
